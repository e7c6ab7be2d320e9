import assert from 'node:assert/strict';
import { parseDependFile } from '../../../../../../images/formats/depend-file.js';
import { sysvServices } from '../../../../../../images/guest/init/sysv/index.js';
import type { MemoryNode } from '../../../../../../images/image/memory.js';
import {
  type Files,
  daemon,
  debian,
  imageAfter,
  linkNames,
  links,
  program,
  script,
  service,
  servicesAfter,
  servicesOf,
} from '../guests.js';

/** Enables a script and gives the names in a runlevel's directory. */
async function enabled(
  files: Files,
  name: string,
  directory: `/${string}` = '/etc/rc2.d',
): Promise<string[]> {
  const services = await servicesOf(files);
  return linkNames(await imageAfter(files, await services.enable(service(services, name))), directory);
}

describe('insserv: enabling', () => {
  it('numbers the service after those it requires, and links it where its header says', async () => {
    const files: Files = {
      ...debian,
      '/etc/init.d/xe-linux-distribution': daemon('xe-linux-distribution', '$remote_fs'),
      ...links('xe-linux-distribution', 'S01', '2345'),
      '/etc/init.d/nova-agent': daemon('Nova-Agent', 'xe-linux-distribution $remote_fs $syslog'),
    };
    assert.deepEqual(await enabled(files, 'nova-agent'), [
      'S01rsyslog',
      'S01xe-linux-distribution',
      'S02nova-agent',
    ]);
    assert.deepEqual(await enabled(files, 'nova-agent', '/etc/rc0.d'), ['K01nova-agent', 'K02rsyslog']);
  });

  it('makes relative links, and the three files for startpar', async () => {
    const files: Files = { ...debian, '/etc/init.d/nova-agent': daemon('nova-agent', '$syslog') };
    const services = await servicesOf(files);
    const image = await imageAfter(files, await services.enable(service(services, 'nova-agent')));
    assert.equal(await image.readLink('/etc/rc2.d/S02nova-agent'), '../init.d/nova-agent');
    assert.equal(
      await image.readText('/etc/init.d/.depend.start'),
      'TARGETS = rsyslog nova-agent\nINTERACTIVE =\nnova-agent: rsyslog\n',
    );
    assert.equal(await image.readText('/etc/init.d/.depend.boot'), 'TARGETS = mountall.sh\nINTERACTIVE =\n');
    assert.equal(
      await image.readText('/etc/init.d/.depend.stop'),
      'TARGETS = nova-agent rsyslog\nrsyslog: nova-agent\n',
    );
  });

  it('changes nothing the second time, and leaves .depend files alone that mean the same', async () => {
    const files: Files = {
      ...debian,
      '/etc/init.d/a': daemon('a'),
      '/etc/init.d/b': daemon('b'),
      '/etc/init.d/nova-agent': daemon('nova-agent', 'a b'),
      ...links('a', 'S01', '2345'),
      ...links('b', 'S01', '2345'),
    };
    const services = await servicesOf(files);
    const changes = await services.enable(service(services, 'nova-agent'));
    const again = await servicesAfter(files, changes);
    assert.deepEqual(await again.enable(service(again, 'nova-agent')), []);
    const image = await imageAfter(files, changes);
    const text = (await image.readText('/etc/init.d/.depend.start')) ?? '';
    const swapped = text.replace(/ a b\b/, ' b a').replace('TARGETS = a b', 'TARGETS = b a');
    assert.notEqual(swapped, text);
    assert.ok(parseDependFile(swapped).rules.has('nova-agent'));
    const other = { ...files, '/etc/init.d/.depend.start': swapped };
    const third = await servicesOf(other);
    const paths = (await third.enable(service(third, 'nova-agent'))).map((change) => change.path);
    assert.ok(!paths.includes('/etc/init.d/.depend.start'), paths.join(' '));
  });

  it('takes along what the script requires', async () => {
    const files: Files = {
      ...debian,
      '/etc/init.d/xe': daemon('xe'),
      '/etc/init.d/nova-agent': daemon('nova-agent', 'xe'),
    };
    assert.deepEqual(await enabled(files, 'nova-agent'), ['S01rsyslog', 'S01xe', 'S02nova-agent']);
  });

  const orders: [string, Files, string[]][] = [
    [
      'Should-Start',
      { '/etc/init.d/x': daemon('x', '', { 'Should-Start': 'rsyslog nobody' }) },
      ['S01rsyslog', 'S02x'],
    ],
    [
      'X-Start-Before',
      { '/etc/init.d/x': daemon('x', '', { 'X-Start-Before': '$syslog' }) },
      ['S01x', 'S02rsyslog'],
    ],
    ['$all', { '/etc/init.d/x': daemon('x', '$all') }, ['S01rsyslog', 'S02x']],
    [
      'X-Interactive',
      { '/etc/init.d/x': daemon('x', '', { 'X-Interactive': 'true' }) },
      ['S01x', 'S02rsyslog'],
    ],
    [
      'an override',
      {
        '/etc/init.d/x': daemon('x', '$syslog'),
        '/etc/insserv/overrides/x': daemon('x'),
      },
      ['S01rsyslog', 'S01x'],
    ],
    [
      'what a double blank cuts off',
      { '/etc/init.d/x': daemon('x', '$remote_fs  $syslog') },
      ['S01rsyslog', 'S01x'],
    ],
    [
      'a service that is not there, between two that are',
      {
        '/etc/init.d/x': daemon('x', '', { 'X-Start-Before': 'gdm' }),
        '/etc/init.d/y': daemon('y', '', { 'Should-Start': 'gdm' }),
        ...links('y', 'S01', '2345'),
      },
      ['S01rsyslog', 'S01x', 'S02y'],
    ],
    [
      'a service that is not there, before and after the same script',
      {
        '/etc/init.d/x': daemon('x', '$syslog', { 'X-Start-Before': 'gdm', 'Should-Start': 'gdm' }),
        '/etc/init.d/y': daemon('y', '', { 'X-Interactive': 'true' }),
        ...links('y', 'S01', '2345'),
      },
      ['S01y', 'S02rsyslog', 'S03x'],
    ],
    [
      'the order in which insserv.conf lists what is interactive',
      {
        '/etc/insserv.conf': '$syslog +rsyslog\n$remote_fs +mountall\n<interactive> x\n',
        '/etc/init.d/a': daemon('a', '', { 'X-Interactive': 'true' }),
        ...links('a', 'S01', '2345'),
        '/etc/init.d/x': daemon('x'),
      },
      ['S01x', 'S02a', 'S03rsyslog'],
    ],
    [
      'a wish to come before another name of a script, when its links follow it',
      {
        '/etc/init.d/a': daemon('a', '', { 'X-Start-Before': 'bind9' }),
        '/etc/init.d/named': daemon('bind bind9'),
        '/etc/init.d/x': daemon('x'),
        ...links('a', 'S01', '2345'),
        ...links('named', 'S02', '2345'),
      },
      ['S01a', 'S01rsyslog', 'S01x', 'S02named'],
    ],
    [
      'no wish to come before another name of a script, when its links do not follow it',
      {
        '/etc/init.d/a': daemon('a', '', { 'X-Start-Before': 'bind9' }),
        '/etc/init.d/named': daemon('bind bind9'),
        '/etc/init.d/x': daemon('x'),
        ...links('a', 'S01', '2345'),
        ...links('named', 'S01', '2345'),
      },
      ['S01a', 'S01named', 'S01rsyslog', 'S01x'],
    ],
    [
      'scripts that have no links, which count for the numbers all the same',
      { '/etc/init.d/x': daemon('x', '', { 'Should-Start': 'y' }), '/etc/init.d/y': daemon('y') },
      ['S01rsyslog', 'S02x'],
    ],
  ];
  for (const [what, files, expected] of orders) {
    it(`heeds ${what}`, async () => {
      assert.deepEqual(await enabled({ ...debian, ...files }, 'x'), expected);
    });
  }

  it('turns the kill links of a disabled service, and renumbers duplicates away', async () => {
    const files: Files = {
      ...debian,
      '/etc/init.d/x': daemon('x', '$syslog'),
      ...links('x', 'K01', '0123456'),
      ...links('x', 'S20', '2'),
      ...links('x', 'S07', '2'),
    };
    assert.deepEqual(await enabled(files, 'x'), ['S01rsyslog', 'S02x']);
  });

  const passedOver: [string, MemoryNode][] = [
    ['without a header', program('#!/bin/sh\n')],
    ['whose service another provides', daemon('rsyslog')],
  ];
  for (const [what, node] of passedOver) {
    it(`makes no links for a script ${what}`, async () => {
      const services = await servicesOf({ ...debian, '/etc/init.d/x': node });
      assert.deepEqual(await services.enable(service(services, 'x')), []);
    });
  }

  it('makes a script executable first', async () => {
    const files: Files = { ...debian, '/etc/init.d/x': { ...(daemon('x') as object), mode: 0o644 } };
    const services = await servicesOf(files);
    const changes = await services.enable(service(services, 'x'));
    const [made] = changes;
    assert.ok(made?.kind === 'write' && made.path === '/etc/init.d/x');
    assert.equal(made.posix?.mode, 0o755);
    assert.deepEqual(await enabled(files, 'x'), ['S01rsyslog', 'S01x']);
  });

  it('says why the links of a script start nothing', async () => {
    const reasons: readonly (readonly [Files, string])[] = [
      [
        { '/etc/init.d/x': { ...(daemon('x') as object), mode: 0o644 }, ...links('x', 'S03', '2') },
        'is not executable',
      ],
      [{ '/etc/init.d/x': { link: '/gone/x' }, ...links('x', 'S03', '2') }, 'which is not there'],
      [
        { '/etc/init.d/x': daemon('x'), ...links('x', 'S03', '345') },
        'in runlevel 3, 4, 5, and the boot leads to runlevel 2',
      ],
      [{ '/etc/init.d/x': daemon('x') }, ''],
    ];
    for (const [files, because] of reasons) {
      const services = await servicesOf({ ...debian, ...files });
      const [vain] = await services.enabledInVain(service(services, 'x'));
      assert.ok(because === '' ? !vain : vain?.because.endsWith(because), vain?.because);
    }
  });

  it('does not start what startpar’s makefile does not name, until it is enabled', async () => {
    const files: Files = {
      ...debian,
      '/sbin/startpar': program('x'),
      '/etc/init.d/x': daemon('x'),
      ...links('x', 'S01', '2345'),
      ...Object.fromEntries(
        ['boot', 'start', 'stop'].map((name) => [`/etc/init.d/.depend.${name}`, 'TARGETS = rsyslog\n']),
      ),
    };
    const services = await servicesOf(files);
    const x = service(services, 'x');
    assert.equal(x.state, 'disabled');
    const [vain] = await services.enabledInVain(x);
    assert.match(vain?.because ?? '', /startpar starts what \/etc\/init.d\/.depend.start names/);
    const after = await imageAfter(files, await services.enable(x));
    assert.match((await after.readText('/etc/init.d/.depend.start')) ?? '', /^TARGETS = .*\bx\b/);
    assert.equal(service(await sysvServices(after), 'x').state, 'enabled');
  });

  it('says why a linked script starts nothing', async () => {
    const gone = program('#!/bin/sh\n[ -x /usr/bin/gone ] || exit 0\n/usr/bin/gone\n');
    const services = await servicesOf({ ...debian, '/etc/init.d/x': gone, ...links('x', 'S03', '2') });
    const [obstacle] = await services.obstacles(service(services, 'x'));
    assert.deepEqual(obstacle?.evidence, { path: '/etc/init.d/x', line: 2 });
  });

  it('clears links that lead nowhere', async () => {
    const files: Files = { ...debian, '/etc/init.d/x': daemon('x'), ...links('gone', 'S09', '2') };
    assert.deepEqual(await enabled(files, 'x'), ['S01rsyslog', 'S01x']);
  });

  it('refuses headers that form a loop, and says which', async () => {
    const files: Files = {
      ...debian,
      '/etc/init.d/a': daemon('a', 'b'),
      '/etc/init.d/b': daemon('b', '', { 'Should-Start': 'a' }),
    };
    const services = await servicesOf(files);
    await assert.rejects(services.enable(service(services, 'a')), { code: 'boot-loop', message: /a, b/ });
    const [cycle, ...more] = await services.cycles(['a', 'b', 'rsyslog']);
    assert.equal(more.length, 0);
    assert.deepEqual(
      cycle?.map((edge) => [edge.first, edge.then, edge.because]),
      [
        ['a', 'b', 'Should-Start: a'],
        ['b', 'a', 'Required-Start: b'],
      ],
    );
    assert.deepEqual(cycle[1]?.evidence, { path: '/etc/init.d/a', line: 4 });
    assert.deepEqual(await services.cycles(['rsyslog']), []);
  });
});

describe('insserv: the .depend files', () => {
  async function dependAfter(files: Files, name: string, file: 'boot' | 'start' | 'stop'): Promise<string> {
    const services = await servicesOf(files);
    const image = await imageAfter(files, await services.enable(service(services, name)));
    return (await image.readText(`/etc/init.d/.depend.${file}`)) ?? '';
  }

  it('keep the order of equals, and get new names behind them', async () => {
    const files: Files = {
      ...debian,
      ...Object.fromEntries(
        ['a', 'b', 'c'].flatMap((name) => [
          [`/etc/init.d/${name}`, daemon(name)],
          ...Object.entries(links(name, 'S01', '2345')),
        ]),
      ),
      '/etc/init.d/z': daemon('z', 'a b c rsyslog'),
      ...links('z', 'S02', '2345'),
      '/etc/init.d/x': daemon('x'),
      '/etc/init.d/.depend.start': 'TARGETS = c rsyslog b a z\nINTERACTIVE =\nz: a b c rsyslog\n',
    };
    assert.equal(
      await dependAfter(files, 'x', 'start'),
      'TARGETS = c rsyslog b a x z\nINTERACTIVE =\nz: a b c rsyslog\n',
    );
  });

  it('name in a rule what one of the others waits for, when neither of them is ever started', async () => {
    const onlyStopped = (name: string, before: string): MemoryNode =>
      script({
        Provides: name,
        'Required-Start': '',
        'Required-Stop': before,
        'Default-Start': '',
        'Default-Stop': '0 6',
      });
    const files: Files = {
      ...debian,
      '/etc/init.d/sendsigs': onlyStopped('sendsigs', 'umountnfs'),
      '/etc/init.d/umountnfs.sh': onlyStopped('umountnfs', ''),
      ...links('sendsigs', 'K01', '06'),
      ...links('umountnfs.sh', 'K02', '06'),
      '/etc/init.d/x': daemon('x', '', { 'Required-Stop': 'sendsigs umountnfs' }),
    };
    assert.equal(
      await dependAfter(files, 'x', 'stop'),
      'TARGETS = rsyslog x sendsigs umountnfs.sh\nsendsigs: x\numountnfs.sh: sendsigs x\n',
    );
  });

  it('leave what is beyond the highest number of the runlevels as the headers have it', async () => {
    const early = (name: string, requires: string, more: Readonly<Record<string, string>> = {}): MemoryNode =>
      script({
        Provides: name,
        'Required-Start': requires,
        'Required-Stop': '',
        ...more,
        'Default-Start': 'S',
        'Default-Stop': '',
      });
    const files: Files = {
      ...debian,
      '/etc/init.d/a': early('a', ''),
      '/etc/init.d/b': early('b', 'a'),
      '/etc/init.d/c': early('c', 'b'),
      '/etc/init.d/d': early('d other', 'b c'),
      '/etc/init.d/f': early('f', 'a d c'),
      '/etc/init.d/e': early('e', 'c b', { 'Should-Start': 'other' }),
      ...links('a', 'S01', 'S'),
      ...links('b', 'S02', 'S'),
      ...links('c', 'S03', 'S'),
      ...links('d', 'S04', 'S'),
      ...links('e', 'S05', 'S'),
      ...links('f', 'S05', 'S'),
      '/etc/init.d/x': daemon('x'),
      '/etc/init.d/.depend.boot':
        'TARGETS = mountall.sh a f e d c b\nINTERACTIVE =\nf: a d c\ne: c\nd: b c\nc: b\nb: a\n',
    };
    const text = await dependAfter(files, 'x', 'boot');
    assert.equal(
      text,
      'TARGETS = mountall.sh a f e d c b\nINTERACTIVE =\nf: a d c\ne: c\nd: b c\nc: b\nb: a\n',
    );
    const { rules } = parseDependFile(text);
    assert.deepEqual(rules.get('d')?.needs, ['b', 'c'], 'b comes first, so c does not imply it');
    assert.deepEqual(rules.get('e')?.needs, ['c'], 'c implies b, and another name of d is overlooked');
  });

  it('follow the rule that is there where it tells which header insserv has read first', async () => {
    const early = (name: string, requires: string, before = ''): MemoryNode =>
      script({
        Provides: name,
        'Required-Start': requires,
        'Required-Stop': '',
        'X-Start-Before': before,
        'Default-Start': 'S',
        'Default-Stop': '',
      });
    const files = (rule: string): Files => ({
      ...debian,
      '/etc/init.d/a': early('a', ''),
      '/etc/init.d/b': early('b', 'a'),
      '/etc/init.d/c': early('c', 'b', 'misc'),
      '/etc/init.d/misc': early('misc', 'b c'),
      ...links('a', 'S01', 'S'),
      ...links('b', 'S02', 'S'),
      ...links('c', 'S03', 'S'),
      ...links('misc', 'S04', 'S'),
      '/etc/init.d/x': daemon('x'),
      '/etc/init.d/.depend.boot': `TARGETS = mountall.sh a b c misc\nINTERACTIVE =\nb: a\nc: b\nmisc: ${rule}\n`,
    });
    for (const rule of ['b c', 'c']) {
      const text = await dependAfter(files(rule), 'x', 'boot');
      assert.deepEqual(parseDependFile(text).rules.get('misc')?.needs, rule.split(' '));
    }
  });
});

describe('insserv: disabling', () => {
  it('turns start links into kill links, as update-rc.d does', async () => {
    const files: Files = {
      ...debian,
      '/etc/init.d/x': daemon('x', '$syslog'),
      ...links('x', 'S02', '2345'),
      ...links('x', 'K01', '016'),
    };
    const services = await servicesOf(files);
    assert.equal(service(services, 'x').state, 'enabled');
    const changes = await services.disable(service(services, 'x'));
    const after = await servicesAfter(files, changes);
    assert.equal(service(after, 'x').state, 'disabled');
    assert.deepEqual(await linkNames(await imageAfter(files, changes), '/etc/rc3.d'), ['K01x', 'S01rsyslog']);
    const back = await after.enable(service(after, 'x'));
    const image = await imageAfter(files, [...changes, ...back]);
    assert.deepEqual(await linkNames(image, '/etc/rc3.d'), ['S01rsyslog', 'S02x']);
  });
});

describe('insserv: the states of services', () => {
  const states: [string, Files, string][] = [
    ['enabled with a link in the default runlevel', links('x', 'S03', '2'), 'enabled'],
    ['enabled with a link in rcS.d', links('x', 'S03', 'S'), 'enabled'],
    ['disabled with links in other runlevels', links('x', 'S03', '345'), 'disabled'],
    ['disabled without links', {}, 'disabled'],
    [
      'disabled when nothing can execute it',
      { ...links('x', 'S03', '2'), '/etc/init.d/x': { ...(daemon('x') as object), mode: 0o644 } },
      'disabled',
    ],
    ['static without a header', { '/etc/init.d/x': program('#!/bin/sh\n') }, 'static'],
    [
      'static when its link leads nowhere',
      {
        ...links('x', 'S03', '2'),
        '/etc/init.d/x': { link: '/usr/share/nova-agent/1.39.0/etc/generic/nova-agent' },
      },
      'static',
    ],
  ];
  for (const [what, files, state] of states) {
    it(`are ${what}`, async () => {
      const services = await servicesOf({ ...debian, '/etc/init.d/x': daemon('x'), ...files });
      assert.equal(service(services, 'x').state, state);
      assert.notEqual(service(services, 'x').evidence.length, 0);
    });
  }

  it('follow the link that 1.x of the agent installs', async () => {
    const services = await servicesOf({
      ...debian,
      '/usr/share/nova-agent/1.39.1/etc/generic/nova-agent': daemon('Nova-Agent', '$syslog'),
      '/etc/init.d/nova-agent': { link: '/usr/share/nova-agent/1.39.1/etc/generic/nova-agent' },
      ...links('nova-agent', 'S02', '2345'),
    });
    const agent = service(services, 'nova-agent');
    assert.equal(agent.state, 'enabled');
    assert.deepEqual(agent.aliases, ['Nova-Agent']);
    assert.equal(services.find('Nova-Agent'), agent);
    assert.equal(services.find('nova-agent.service'), agent);
  });

  it('leave out what is no service', async () => {
    const services = await servicesOf({
      ...debian,
      '/etc/init.d/skeleton': daemon('skeleton'),
      '/etc/init.d/nova-agent.dpkg-old': daemon('nova-agent'),
      '/etc/init.d/nova-agent~': daemon('nova-agent'),
      '/etc/init.d/rcS': program(''),
      '/etc/init.d/notes': 'no script',
      '/etc/init.d/pipe': { type: 'fifo' },
      '/etc/init.d/other': { link: 'rsyslog' },
    });
    assert.deepEqual(
      services.all.map((one) => one.id),
      ['mountall.sh', 'rsyslog'],
    );
  });
});
