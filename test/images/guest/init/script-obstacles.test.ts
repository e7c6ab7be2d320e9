import assert from 'node:assert/strict';
import { scriptObstacles } from '../../../../images/guest/init/script-obstacles.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';

type Files = Readonly<Record<string, MemoryNode>>;

const program: MemoryNode = { content: '\x7fELF', mode: 0o755 };
const functions = '/lib/lsb/init-functions';
const base: Files = {
  '/usr/bin/agent': program,
  [functions]: 'log_daemon_msg() { :; }\n',
  '/bin/false': program,
};

/** As init scripts are: functions of the distribution, a start-stop-daemon, a case. */
const script = (head = '', start = 'start-stop-daemon --start --exec $DAEMON -- -n'): string =>
  `#!/bin/sh
DAEMON=/usr/bin/agent
${head}
do_start() {
  ${start}
  return $?
}
case "$1" in
  start) do_start ;;
  stop) start-stop-daemon --stop --exec $DAEMON ;;
esac
exit 0
`;

async function judge(text: string, files: Files = {}): Promise<string> {
  const image = memoryImage({ ...base, ...files, '/etc/init.d/a': { content: text, mode: 0o755 } });
  const [first] = await scriptObstacles(image, '/etc/init.d/a');
  return first ? `${first.certain ? '' : 'perhaps '}${first.because} @${first.evidence.line}` : '';
}

describe('what keeps an init script from starting anything', () => {
  const ends = '/etc/init.d/a ends before it starts anything:';
  const settings = 'by the settings that /etc/init.d/a takes in, it ends before it starts anything:';
  const fails: readonly (readonly [string, string, string, Files?])[] = [
    [
      'a program that is gone',
      script('DAEMON=/usr/bin/gone'),
      'starts /usr/bin/gone, which is not in the image',
    ],
    ['a program that cannot be executed', script('DAEMON=/etc/x'), 'starts /etc/x, which', { '/etc/x': 'x' }],
    ['an early exit', script('exit 0'), `${ends} exit 0 @3`],
    ['a guard', script('test -x /usr/bin/gone || exit 0'), `${ends} test -x /usr/bin/gone || exit 0 @3`],
    [
      'a guard of several lines',
      script('if [ ! -f /etc/agent.conf ]; then\n  exit 0\nfi'),
      `${ends} if [ ! -f /etc/agent.conf ]; then @4`,
    ],
    [
      'a switch',
      script('[ -r /etc/default/a ] && . /etc/default/a\n[ "$START" = no ] && exit 0'),
      `${settings} [ "$START" = no ] && exit 0 @4`,
      { '/etc/default/a': 'START="no"\n' },
    ],
    [
      'a switch that nobody has set',
      script('[ -r /etc/default/a ] && . /etc/default/a\n[ "$ENABLED" = true ] || exit 0'),
      `${ends} [ "$ENABLED" = true ] || exit 0 @4`,
    ],
    [
      'a switch of /etc/sysconfig',
      script('. /etc/sysconfig/a\ncase "$START" in\n[Nn]*) exit 0 ;;\nesac'),
      'ends before it starts anything: [Nn]*) exit 0 ;;',
      { '/etc/sysconfig/a': 'START=NO\n' },
    ],
    [
      'functions that are gone',
      script('. /lib/lsb/gone'),
      'reads /lib/lsb/gone, which is not in the image, and ends',
    ],
    [
      'a return',
      script('', '[ -x /usr/bin/gone ] || return 1\n$DAEMON'),
      `${ends} [ -x /usr/bin/gone ] || return 1`,
    ],
  ];
  for (const [name, text, expected, files = {}] of fails) {
    it(`is ${name}`, async () => {
      const because = await judge(text, files);
      assert.ok(because.includes(expected), because);
    });
  }

  const passes: readonly (readonly [string, string, Files?])[] = [
    ['nothing', script()],
    ['a guard that holds', script('[ -x "$DAEMON" ] || exit 0')],
    [
      'a switch that is on',
      script('. /etc/default/a\n[ "$START" = no ] && exit 0'),
      { '/etc/default/a': 'START=yes\n' },
    ],
    ['a guard that only the running system answers', script('[ -d /proc/xen ] || exit 0')],
    ['functions behind a test', script('[ -e /etc/rc.d/init.d/functions ] && . /etc/rc.d/init.d/functions')],
    ['functions that are there', script(`. ${functions}`)],
    ['a variable that functions may have set', script(`. ${functions}\n[ "$START" = yes ] || exit 0`)],
    ['functions that are gone, to bash', script('. /lib/lsb/gone').replace('#!/bin/sh', '#!/bin/bash')],
    ['one of two programs gone', script('', '/usr/bin/gone\n$DAEMON')],
    ['a program that only the shell knows', script('', 'start-stop-daemon --start --exec "$(cat /etc/x)"')],
    ['work that is no program', '#!/bin/sh\ncase "$1" in\nstart) hostname x; exit 0 ;;\nesac\n'],
    ['a script of another interpreter', '#!/usr/bin/python3\nexit(0)\n'],
    ['a script of init-d-script', '#!/usr/bin/env /lib/init/init-d-script\nDAEMON=/usr/bin/gone\n'],
    ['an end that does not come', '#!/bin/sh\nwhile true; do exit 0; done\n'],
  ];
  for (const [name, text, files = {}] of passes) {
    it(`is not ${name}`, async () => {
      assert.equal(await judge(text, files), '');
    });
  }
});
