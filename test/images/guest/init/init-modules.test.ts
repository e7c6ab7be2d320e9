import assert from 'node:assert/strict';
import { factsOf } from '../../../../images/guest/fact.js';
import { init } from '../../../../images/guest/init/init.js';
import type { InitModule } from '../../../../images/guest/init/init-module.js';
import { initModules } from '../../../../images/guest/init/init-modules.js';
import type { InitSystem } from '../../../../images/guest/init/init-system.js';
import { services } from '../../../../images/guest/init/services.js';
import type { Os } from '../../../../images/guest/os.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';

const program: MemoryNode = { content: '\x7fELF', mode: 0o755 };

/** The smallest guest that each system starts. */
const guests: Readonly<Record<InitSystem, Readonly<Record<string, MemoryNode>>>> = {
  systemd: { '/sbin/init': { link: '/lib/systemd/systemd' }, '/lib/systemd/systemd': program },
  sysv: { '/sbin/init': program, '/etc/inittab': 'id:2:initdefault:\n' },
  upstart: { '/sbin/init': program, '/sbin/initctl': program },
  openrc: {
    '/sbin/init': program,
    '/sbin/openrc': program,
    '/etc/inittab': '::sysinit:/sbin/openrc sysinit\n',
  },
  unknown: { '/sbin/init': { link: '/usr/bin/s6-svscan' }, '/usr/bin/s6-svscan': program },
};

const osOf = (family: Os['family'], version?: string): Os =>
  ({ family, id: family, name: family, version, evidence: '/etc/os-release', kernels: [] }) as unknown as Os;

/** What each system answers, part by part; a new system has to say all of it here, too. */
const answers: Readonly<
  Record<
    InitSystem,
    Pick<InitModule, 'servicesFolder' | 'hasUnitFiles' | 'runsGenerators' | 'assumesNetworkManager'> & {
      readonly roles: readonly string[];
      /** On Debian 12, Enterprise Linux 6 and 7, and Alpine. */
      readonly agentServices: readonly boolean[];
    }
  >
> = {
  systemd: {
    servicesFolder: '/etc/systemd/system',
    hasUnitFiles: true,
    runsGenerators: true,
    assumesNetworkManager: false,
    roles: ['hint', 'hint', 'hint'],
    agentServices: [true, true, true, true],
  },
  sysv: {
    servicesFolder: '/etc/init.d',
    hasUnitFiles: false,
    runsGenerators: false,
    assumesNetworkManager: true,
    roles: ['order', 'advice', 'advice'],
    agentServices: [false, true, false, false],
  },
  upstart: {
    servicesFolder: '/etc/init.d',
    hasUnitFiles: false,
    runsGenerators: false,
    assumesNetworkManager: true,
    roles: ['order', 'advice', 'advice'],
    agentServices: [false, false, false, false],
  },
  openrc: {
    servicesFolder: '/etc/init.d',
    hasUnitFiles: false,
    runsGenerators: false,
    assumesNetworkManager: true,
    roles: ['order', 'advice', 'advice'],
    agentServices: [false, false, false, true],
  },
  unknown: {
    servicesFolder: '/etc/init.d',
    hasUnitFiles: false,
    runsGenerators: false,
    assumesNetworkManager: true,
    roles: ['order', 'advice', 'advice'],
    agentServices: [false, false, false, false],
  },
};

const systems = Object.keys(guests) as InitSystem[];

describe('the modules of the init systems', () => {
  for (const system of systems) {
    describe(system, () => {
      const module = initModules[system];

      it('answers every part', () => {
        const { servicesFolder, hasUnitFiles, runsGenerators, assumesNetworkManager } = module;
        const systemsOf = [
          osOf('debian', '12'),
          osOf('redhat', '6.10'),
          osOf('redhat', '7.9'),
          osOf('alpine'),
        ];
        assert.deepEqual(
          {
            servicesFolder,
            hasUnitFiles,
            runsGenerators,
            assumesNetworkManager,
            roles: (['insserv', 'chkconfig', 'plain'] as const).map((numbering) => module.lsbRole(numbering)),
            agentServices: systemsOf.map((os) => module.hasAgentService(os)),
          },
          answers[system],
        );
      });

      it('is the only one that recognizes its guest, or comes last', async () => {
        const image = memoryImage(guests[system]);
        assert.equal((await factsOf(image)(init)).system, system);
        const link = await image.realPath('/sbin/init');
        const first = { path: '/sbin/init', name: link?.split('/').at(-1) ?? '' } as const;
        const recognizing = [];
        for (const other of systems)
          if (other !== 'unknown' && (await initModules[other].recognize(image, first)))
            recognizing.push(other);
        assert.deepEqual(recognizing, system === 'unknown' ? [] : [system]);
      });

      it('has programs of its own, which no other guest here has', async () => {
        const has = [];
        for (const other of systems)
          if (await module.isInstalled(memoryImage(guests[other]))) has.push(other);
        // A bare /sbin/init with an inittab is sysvinit's, but says so by the inittab alone.
        assert.deepEqual(has, system === 'sysv' || system === 'unknown' ? [] : [system]);
      });

      it('lists services, or says that it cannot', async () => {
        const listing = factsOf(memoryImage(guests[system]))(services);
        if (system === 'systemd' || system === 'sysv') assert.equal((await listing).system, system);
        else
          await assert.rejects(listing, {
            code: 'unsupported-init',
            message: `services of the init system ${system} cannot be judged yet`,
          });
      });
    });
  }

  it('take the upstart of Enterprise Linux 6, which only runs scripts, for SysV init', async () => {
    const image = memoryImage({ ...guests.upstart, '/etc/rc.d/rc.sysinit': program });
    const first = { path: '/sbin/init', name: 'init' } as const;
    assert.equal(await initModules.sysv.recognize(image, first), '/sbin/initctl');
    assert.equal(await initModules.upstart.recognize(image, first), undefined);
    assert.equal(await initModules.upstart.isInstalled(image), false);
  });
});
