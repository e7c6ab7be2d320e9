import assert from 'node:assert/strict';
import { stageObstacles } from '../../../../images/guest/cloud-init/stages.js';
import { factsOf } from '../../../../images/guest/fact.js';
import { services } from '../../../../images/guest/init/services.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';
import { exampleGuestFiles } from '../../../guests/example-guests.js';

type Files = Record<string, MemoryNode>;

const units = '/lib/systemd/system';
const target = '/etc/systemd/system/cloud-init.target.wants';
const stages = ['cloud-init-local', 'cloud-init-network', 'cloud-config', 'cloud-final'];
const program: MemoryNode = { content: 'ELF', mode: 0o755 };

/** The units of 25.1 (Debian 13): one process, and four stages that tell it to go on. */
const single: Files = {
  ...Object.fromEntries(
    Object.entries(exampleGuestFiles['cloud-init']).filter(
      ([path]) => !/\/cloud-[\w-]*\.service$/.test(path),
    ),
  ),
  ...Object.fromEntries(
    ['cloud-init-main', ...stages].flatMap((name): [string, MemoryNode][] => [
      [
        `${units}/${name}.service`,
        name === 'cloud-init-main'
          ? '[Service]\nType=notify\nExecStart=/usr/bin/cloud-init --all-stages\n[Install]\nWantedBy=cloud-init.target\n'
          : `[Service]\nType=oneshot\nExecStart=sh -c 'echo "start" | nc -Uu -W1 /run/cloud-init/share/${name}.sock | sh'\n`,
      ],
      [`${target}/${name}.service`, { link: `${units}/${name}.service` }],
    ]),
  ),
  [`${units}/cloud-init.target`]: '[Unit]\n',
  '/usr/lib/systemd/system-generators/cloud-init-generator': program,
  '/usr/bin/cloud-init': program,
  '/usr/bin/nc.openbsd': program,
  '/etc/alternatives/nc': { link: '/usr/bin/nc.openbsd' },
  '/usr/bin/nc': { link: '/etc/alternatives/nc' },
};

async function found(change: Files, without: readonly string[] = []): Promise<string[]> {
  const files = Object.entries({ ...single, ...change }).filter(([path]) => !without.includes(path));
  const image = memoryImage(Object.fromEntries(files));
  const known = await factsOf(image)(services);
  return (await stageObstacles(image, known, '25.1.4-1+deb13u1', false)).map(({ because }) => because);
}

describe('guest/cloud-init: the stages of one process', () => {
  it('work as Debian 13 has them', async () => {
    assert.deepEqual(await found({}), []);
  });

  it('need the process', async () => {
    const gone = ['cloud-init-main.service'].flatMap((name) => [`${units}/${name}`, `${target}/${name}`]);
    assert.deepEqual(await found({}, gone), [
      'its stages only signal cloud-init-main.service, which is not in the image',
    ]);
    assert.deepEqual(await found({ '/etc/systemd/system/cloud-init-main.service': { link: '/dev/null' } }), [
      'cloud-init-main.service is masked',
    ]);
  });

  it('need the process’s program', async () => {
    assert.match(
      (await found({}, ['/usr/bin/cloud-init'])).join(),
      /start \/usr\/bin\/cloud-init, which is not/,
    );
  });

  it('need an nc that knows Unix sockets', async () => {
    assert.match((await found({}, ['/usr/bin/nc'])).join(), /call nc, which is not in the image/);
    const traditional = {
      '/bin/nc.traditional': program,
      '/etc/alternatives/nc': { link: '/bin/nc.traditional' },
    };
    assert.match((await found(traditional)).join(), /\/bin\/nc\.traditional cannot use; netcat-openbsd can/);
  });
});
