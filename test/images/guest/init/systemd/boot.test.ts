import assert from 'node:assert/strict';
import type { Services } from '../../../../../images/guest/init/service.js';
import { systemdServices } from '../../../../../images/guest/init/systemd/index.js';
import { type MemoryNode, memoryImage } from '../../../../../images/image/memory.js';
import { bare } from './unit-sets.js';

const lib = '/usr/lib/systemd/system';
const etc = '/etc/systemd/system';
const service = '[Service]\nExecStart=-/bin/true now\n';
const installed = `${service}[Install]\nWantedBy=multi-user.target\n`;

const of = (files: Readonly<Record<string, MemoryNode>>): Promise<Services> =>
  systemdServices(memoryImage({ ...bare, ...files }));

const wanted = (name: string, target = 'multi-user.target'): Record<string, MemoryNode> => ({
  [`${etc}/${target}.wants/${name}`]: { link: `${lib}/${name}` },
});

const target = (name: string): Record<string, MemoryNode> => ({
  [`${lib}/${name}.target`]: '[Unit]\nDescription=t\n',
  ...wanted(`${name}.target`),
});

async function edge(services: Services, first: string, then: string): Promise<string | undefined> {
  const [graph] = await services.graphs();
  const found = graph!.edges.find((one) => one.first === first && one.then === then);
  return found && `${found.because} @ ${found.evidence?.path ?? '-'}:${found.evidence?.line ?? '-'}`;
}

describe('services of systemd', () => {
  describe('state', () => {
    const cases: readonly (readonly [string, Readonly<Record<string, MemoryNode>>, string, string])[] = [
      [
        'a wants link',
        { [`${lib}/a.service`]: installed, ...wanted('a.service') },
        'enabled',
        `${etc}/multi-user.target.wants/a.service`,
      ],
      ['no link', { [`${lib}/a.service`]: installed }, 'disabled', `${lib}/a.service`],
      [
        'a link in a target that the boot does not reach',
        { [`${lib}/a.service`]: installed, ...wanted('a.service', 'rescue.target') },
        'disabled',
        `${lib}/a.service`,
      ],
      ['no [Install]', { [`${lib}/a.service`]: service }, 'static', `${lib}/a.service`],
      [
        'a link to /dev/null',
        {
          [`${lib}/a.service`]: installed,
          ...wanted('a.service'),
          [`${etc}/a.service`]: { link: '/dev/null' },
        },
        'masked',
        `${etc}/a.service`,
      ],
      [
        'an empty file',
        { [`${lib}/a.service`]: installed, [`${etc}/a.service`]: '' },
        'masked',
        `${etc}/a.service`,
      ],
      [
        'a Wants= of a unit of the boot',
        {
          [`${lib}/a.service`]: service,
          [`${lib}/b.service`]: `[Unit]\nWants=a.service\n${service}`,
          ...wanted('b.service'),
        },
        'enabled',
        `${lib}/b.service`,
      ],
      [
        'a masked link',
        {
          [`${lib}/a.service`]: installed,
          [`${lib}/multi-user.target.wants/a.service`]: { link: '../a.service' },
          [`${etc}/multi-user.target.wants/a.service`]: { link: '/dev/null' },
        },
        'disabled',
        `${lib}/a.service`,
      ],
      [
        'an executable script with start links',
        {
          '/etc/init.d/a': { content: '#!/bin/sh\n', mode: 0o755 },
          '/etc/rc3.d/S20a': { link: '../init.d/a' },
        },
        'enabled',
        '/etc/rc3.d/S20a',
      ],
      [
        'a script without start links',
        {
          '/etc/init.d/a': { content: '#!/bin/sh\n', mode: 0o755 },
          '/etc/rc3.d/K20a': { link: '../init.d/a' },
        },
        'disabled',
        '/etc/init.d/a',
      ],
      [
        'a script beside a unit',
        {
          [`${lib}/a.service`]: installed,
          '/etc/init.d/a': { content: '#!/bin/sh\n', mode: 0o755 },
          '/etc/rc3.d/S20a': { link: '../init.d/a' },
        },
        'disabled',
        `${lib}/a.service`,
      ],
    ];
    for (const [name, files, state, path] of cases) {
      it(`is ${state} by ${name}`, async () => {
        const found = (await of(files)).find('a');
        assert.equal(found?.state, state);
        assert.equal(found.evidence[0]?.path, path);
      });
    }

    it('says of a script that no unit is made of it, and why', async () => {
      const start = { '/etc/rc3.d/S20a': { link: '../init.d/a' } };
      const script = { '/etc/init.d/a': { content: '#!/bin/sh\n', mode: 0o755 }, ...start };
      const generator = '/systemd/system-generators/systemd-sysv-generator';
      for (const [files, because] of [
        [{ '/etc/init.d/a': '#!/bin/sh\n', ...start }, '/etc/init.d/a is not executable'],
        [{ ...script, [`/etc${generator}`]: { link: '/dev/null' } }, 'systemd-sysv-generator'],
        [{ ...script, [`/usr/lib${generator}`]: 'ELF' }, 'systemd-sysv-generator'],
      ] as const) {
        const services = await of(files);
        const found = services.find('a');
        assert.equal(found?.state, 'disabled');
        const [vain] = await services.enabledInVain(found);
        assert.equal(vain?.evidence.path, '/etc/rc3.d/S20a');
        assert.ok(vain.because.startsWith(because), vain.because);
      }
      // A file that cannot be executed hides no generator of its name.
      const services = await of({ ...script, [`/etc${generator}`]: 'ELF' });
      assert.equal(services.find('a')?.state, 'enabled');
    });

    it('finds a service by name, by file name and by alias, with what it starts', async () => {
      const services = await of({
        [`${lib}/a.service`]: installed,
        [`${etc}/b.service`]: { link: `${lib}/a.service` },
      });
      const found = services.find('a');
      assert.deepEqual(found?.aliases, ['b']);
      assert.equal(services.find('a.service'), found);
      assert.equal(services.find('b'), found);
      assert.equal(services.find('b.service'), found);
      assert.equal(services.find('c'), undefined);
      assert.deepEqual(found.exec, [
        { program: '/bin/true', evidence: { path: `${lib}/a.service`, line: 2 } },
      ]);
    });
  });

  describe('graph', () => {
    it('holds what units and drop-ins say, with the line', async () => {
      const services = await of({
        [`${lib}/a.service`]: service,
        [`${lib}/b.service`]: `[Unit]\nDescription=b\nWants=a.service\n${service}`,
        ...wanted('b.service'),
        [`${etc}/b.service.d/x.conf`]: '[Unit]\nAfter=a.service\n',
        [`${lib}/b.service.d/x.conf`]: '[Unit]\nBefore=a.service\n',
      });
      assert.equal(
        await edge(services, 'a.service', 'b.service'),
        `After=a.service @ ${etc}/b.service.d/x.conf:2`,
      );
      assert.equal(await edge(services, 'b.service', 'a.service'), undefined);
    });

    it('reads drop-ins of the template, of shorter names and of the type', async () => {
      const drop = (name: string): MemoryNode => `[Unit]\nAfter=${name}.target\n`;
      const services = await of({
        [`${lib}/a-b@.service`]: service,
        [`${lib}/t.target`]: '',
        ...wanted('a-b@x.service'),
        ...target('one'),
        ...target('two'),
        ...target('three'),
        [`${lib}/a-b@.service.d/1.conf`]: drop('one'),
        [`${lib}/a-.service.d/2.conf`]: drop('nothing'),
        [`${lib}/a-@.service.d/2.conf`]: drop('two'),
        [`${lib}/service.d/3.conf`]: drop('three'),
      });
      for (const name of ['one', 'two', 'three']) {
        assert.ok(await edge(services, `${name}.target`, 'a-b@x.service'), name);
      }
    });

    it('adds default dependencies, unless they are switched off', async () => {
      const services = await of({
        [`${lib}/a.service`]: service,
        [`${lib}/b.service`]: `[Unit]\nDefaultDependencies=no\n${service}`,
        ...wanted('a.service'),
        ...wanted('b.service'),
      });
      assert.ok(await edge(services, 'sysinit.target', 'a.service'));
      assert.ok(await edge(services, 'basic.target', 'a.service'));
      assert.ok(await edge(services, 'a.service', 'multi-user.target'));
      assert.equal(await edge(services, 'sysinit.target', 'b.service'), undefined);
      assert.equal(await edge(services, 'b.service', 'multi-user.target'), undefined);
    });

    it('lets a target that a service waits for not wait for the service', async () => {
      const services = await of({
        [`${lib}/a.service`]: `[Unit]\nAfter=multi-user.target\n${service}`,
        ...wanted('a.service'),
      });
      assert.ok(await edge(services, 'multi-user.target', 'a.service'));
      assert.equal(await edge(services, 'a.service', 'multi-user.target'), undefined);
      assert.deepEqual(await services.cycles(['a']), []);
    });

    it('reports a cycle as its shortest cycle, once', async () => {
      const unit = (after: string): string => `[Unit]\nAfter=${after}\n${service}`;
      const services = await of({
        [`${lib}/a.service`]: unit('c.service'),
        [`${lib}/b.service`]: unit('a.service'),
        [`${lib}/c.service`]: unit('b.service'),
        [`${lib}/d.service`]: unit('a.service'),
        ...wanted('a.service'),
        ...wanted('b.service'),
        ...wanted('c.service'),
        ...wanted('d.service'),
      });
      const cycles = await services.cycles(['a', 'b.service', 'd', 'nobody']);
      assert.deepEqual(
        cycles.map((cycle) => cycle.map(({ first }) => first)),
        [['a.service', 'b.service', 'c.service']],
      );
      assert.deepEqual(cycles[0]![0]!.evidence, { path: `${lib}/b.service`, line: 2 });
    });

    it('orders scripts by their headers, and by number where one has none', async () => {
      const header = (...lines: string[]): string =>
        `#!/bin/sh\n### BEGIN INIT INFO\n${lines.join('\n')}\n### END INIT INFO\n`;
      const script = (name: string, number: string, content: string): Record<string, MemoryNode> => ({
        [`/etc/init.d/${name}`]: { content, mode: 0o755 },
        [`/etc/rc2.d/S${number}${name}`]: { link: `../init.d/${name}` },
      });
      const services = await of({
        ...script('one', '05', header('# Provides: one uno', '# Required-Start: $remote_fs two')),
        ...script('two', '09', header('# Provides: two', '# Required-Start: $syslog $network')),
        ...script('old', '07', '#!/bin/sh\n'),
      });
      assert.equal(
        await edge(services, 'two.service', 'one.service'),
        'After=two.service @ /etc/init.d/one:4',
      );
      assert.ok(await edge(services, 'network-online.target', 'two.service'));
      assert.match(
        (await edge(services, 'one.service', 'old.service')) ?? '',
        /@ \/etc\/rc2\.d\/S0(?:5one|7old):/,
      );
      assert.equal(await edge(services, 'old.service', 'one.service'), undefined);
      assert.equal(services.find('uno')?.id, 'one.service');
    });

    it('orders mounts of fstab, and services that need them', async () => {
      const services = await of({
        '/etc/fstab':
          'LABEL=x / ext4 defaults 0 1\n/dev/b /var ext4 defaults 0 2\nnas:/x /srv nfs defaults 0 0\n',
        [`${lib}/a.service`]: `[Unit]\nRequiresMountsFor=/var/lib/x\n${service}`,
        ...wanted('a.service'),
        ...wanted('remote-fs.target'),
      });
      assert.ok(await edge(services, 'var.mount', 'local-fs.target'));
      assert.ok(await edge(services, 'var.mount', 'a.service'));
      assert.ok(await edge(services, 'srv.mount', 'remote-fs.target'));
      assert.ok(await edge(services, 'network-online.target', 'srv.mount'));
    });
  });

  it('throws where a unit cannot be read, instead of leaving it out', async () => {
    await assert.rejects(
      of({ [`${lib}/a.service`]: { type: 'file', size: 1e9 } }),
      /a\.service is 1000000000 bytes/,
    );
  });
});
