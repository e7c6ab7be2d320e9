import { zipOf } from '../../support/zip.js';
import { agentProgram, agentUnit, units, wants } from '../guests.js';
import type { Root } from '../root.js';
import { rowsOf } from '../row.js';

const unit = `${units}/${agentUnit}`;

const moveTo =
  (path: string) =>
  (root: Root): void => {
    root
      .folder(path.replace(/\/[^/]*$/, ''))
      .edit(unit, 'ExecStart=/usr/bin/nova-agent', `ExecStart=${path}`)
      .run('mv', agentProgram, path);
  };

/** The program unpacked, as pip would have it, and a script of some lines that starts it. */
const unpacked = (root: Root, folder: string): void => {
  root.folder(folder).run('python3', '-m', 'zipfile', '-e', agentProgram, folder);
  root.take(agentProgram);
};

export const form = rowsOf('form', [
  {
    id: 'opt',
    on: ['debian12', 'debian13'],
    what: 'the program lies in /opt, where its unit starts it',
    put: moveTo('/opt/nova-agent/bin/nova-agent'),
    is: 'works',
    guards: ['agent-installed', 'agent-runnable'],
  },
  {
    id: 'usr-local',
    on: ['debian11', 'debian12'],
    what: 'the program lies in /usr/local/bin, where its unit starts it',
    put: moveTo('/usr/local/bin/nova-agent'),
    is: 'works',
    guards: ['agent-installed', 'agent-runnable'],
  },
  {
    id: 'opt-unit-unchanged',
    on: 'debian12',
    what: 'the program lies in /opt, and its unit starts /usr/bin/nova-agent',
    put: (root) => root.folder('/opt/bin').run('mv', agentProgram, '/opt/bin/nova-agent'),
    is: 'broken',
    speaks: ['agent-installed', 'agent-runnable'],
  },
  {
    id: 'wrapper',
    on: ['debian12', 'debian13'],
    what: 'the program is a shell script that starts the real one in /usr/lib',
    put: (root) => {
      root.folder('/usr/lib/nova-agent').run('mv', agentProgram, '/usr/lib/nova-agent/agent');
      root.script(agentProgram, 'umask 022', 'exec /usr/lib/nova-agent/agent "$@"');
    },
    is: 'works',
    guards: ['agent-installed', 'agent-runnable'],
    may: 'agent-version',
  },
  {
    id: 'wrapper-of-nothing',
    on: 'debian12',
    what: 'the program is a shell script that starts one that is not there',
    put: (root) => root.script(agentProgram, 'exec /usr/lib/nova-agent/agent "$@"'),
    is: 'broken',
    speaks: ['agent-runnable', 'agent-installed'],
    says: /\/usr\/lib\/nova-agent\/agent/,
  },
  {
    id: 'console-script',
    on: ['debian12', 'debian13'],
    what: 'the program is a script of Python, and its modules lie in dist-packages',
    put: (root) => {
      unpacked(root, '/usr/lib/python3/dist-packages');
      root.put(
        agentProgram,
        '#!/usr/bin/python3\nimport sys\nfrom novaagent.novaagent import main\nsys.exit(main())\n',
        0o755,
      );
    },
    is: 'works',
    guards: ['agent-installed', 'agent-runnable'],
  },
  {
    id: 'console-script-alone',
    on: 'debian12',
    what: 'the program is a script of Python, and its modules are gone',
    put: (root) =>
      root.put(
        agentProgram,
        '#!/usr/bin/python3\nimport sys\nfrom novaagent.novaagent import main\nsys.exit(main())\n',
        0o755,
      ),
    is: 'broken',
    speaks: ['agent-runnable', 'agent-installed', 'agent-version'],
  },
  {
    id: 'by-module',
    on: 'debian12',
    what: 'the unit has Python run the modules, and there is no program',
    put: (root) => {
      unpacked(root, '/opt/nova-agent');
      root.edit(unit, 'ExecStart=/usr/bin/nova-agent', 'ExecStart=/usr/bin/python3 /opt/nova-agent');
    },
    is: 'works',
    guards: ['agent-installed', 'agent-runnable'],
  },
  {
    id: 'by-module-name',
    on: ['debian12', 'debian13'],
    what: 'the unit has Python run a module by its name, and there is no program',
    put: (root) => {
      unpacked(root, '/usr/lib/python3/dist-packages');
      root.edit(unit, 'ExecStart=/usr/bin/nova-agent', 'ExecStart=/usr/bin/python3 -m novaagent.novaagent');
    },
    is: 'works',
    guards: ['agent-installed', 'agent-runnable'],
  },
  {
    id: 'read-by-python',
    on: 'debian12',
    what: 'the unit has Python read the program, which may not be executed',
    put: (root) =>
      root
        .edit(unit, 'ExecStart=/usr/bin/nova-agent', 'ExecStart=/usr/bin/python3 /usr/bin/nova-agent')
        .mode(agentProgram, 0o644),
    is: 'works',
    guards: ['agent-installed', 'agent-runnable'],
  },
  {
    id: 'by-module-without-modules',
    on: 'debian12',
    what: 'the unit has Python run a module that is not there',
    put: (root) =>
      root
        .edit(unit, 'ExecStart=/usr/bin/nova-agent', 'ExecStart=/usr/bin/python3 -m novaagent.novaagent')
        .take(agentProgram),
    is: 'broken',
    speaks: ['agent-installed', 'agent-runnable'],
  },
  {
    id: 'unit-of-another-name',
    on: ['debian12', 'debian13'],
    what: 'the unit is called nova-agent.service',
    put: (root) => {
      root.take(`${wants}/${agentUnit}`).run('mv', unit, `${units}/nova-agent.service`);
      root.run('mv', `/etc/systemd/system/${agentUnit}.d`, '/etc/systemd/system/nova-agent.service.d');
      root.want('nova-agent.service', 'multi-user.target', `${units}/nova-agent.service`);
    },
    is: 'works',
    guards: ['agent-installed', 'agent-enabled'],
  },
  {
    id: 'link-as-program',
    on: 'debian12',
    what: 'the program is a link into /opt',
    put: (root) => {
      root.folder('/opt/nova-agent').run('mv', agentProgram, '/opt/nova-agent/agent');
      root.link(agentProgram, '/opt/nova-agent/agent');
    },
    is: 'works',
    guards: ['agent-installed', 'agent-runnable'],
  },
  {
    id: 'another-zip',
    on: 'debian12',
    what: 'the program is a zip file of something else',
    put: (root) =>
      root.put(
        agentProgram,
        zipOf({ '__main__.py': 'raise SystemExit(0)\n' }, { prefix: '#!/usr/bin/env python3\n' }),
        0o755,
      ),
    is: 'broken',
    speaks: ['agent-runnable', 'agent-installed', 'agent-version'],
  },
  {
    id: 'two-at-once',
    on: ['debian12', 'debian13'],
    what: 'two units of the boot start the same agent, and both answer',
    put: (root) =>
      root
        .put(`${units}/nova-agent.service`, root.read(unit))
        .want('nova-agent.service', 'multi-user.target', `${units}/nova-agent.service`),
    is: 'broken',
    by: {
      source:
        'nova-agent, novaagent.py: each of two agents takes the requests of one list; neither knows of the other',
    },
    speaks: 'agent-unique',
  },
  {
    id: 'two-one-off',
    on: 'debian12',
    what: 'a second unit for the same agent is there, and off',
    put: (root) => root.put(`${units}/nova-agent.service`, root.read(unit)),
    is: 'works',
    guards: 'agent-unique',
  },
]);
