import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { hallmark } from '../../support/command.js';
import { program } from '../../support/project.js';

/** Runs the command at a terminal of so many columns; gives all that it shows. */
function atTerminal(columns: number, args: readonly string[]): string {
  const script = `
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
    os.execv(sys.argv[2], sys.argv[2:])
shown = b""
while True:
    try:
        chunk = os.read(fd, 4096)
    except OSError:
        break
    if not chunk:
        break
    shown += chunk
os.waitpid(pid, 0)
sys.stdout.buffer.write(shown)
`;
  const { stdout, stderr, error } = spawnSync(
    'python3',
    ['-c', script, String(columns), process.execPath, program, ...args],
    { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: '/nonexistent', TERM: 'dumb' } },
  );
  if (error) throw error;
  assert.equal(stderr, '');
  return stdout.replaceAll('\r\n', '\n').replace(/\r\u001b\[K/g, '');
}

/** The longest of its lines, but for what stays whole: a single word, a command, a line of a file in an example. */
const widest = (text: string): number =>
  Math.max(...text.split('\n').map((line) => (/^ *\S+$|`[^`]+ [^`]+`|^ {4}/.test(line) ? 0 : line.length)));

describe('the terminal', () => {
  it('decides how wide results are, between 20 and 160 columns', () => {
    assert.ok(widest(atTerminal(44, ['explain', 'xe-ordering'])) <= 44);
    const wide = widest(atTerminal(120, ['explain', 'xe-ordering']));
    assert.ok(wide > 80 && wide <= 120, String(wide));
    const most = widest(atTerminal(400, ['explain', 'xe-ordering']));
    assert.ok(most > 120 && most <= 160, String(most));
    assert.equal(atTerminal(5, ['list']), atTerminal(20, ['list']));
  });

  it('decides nothing of what goes into a pipe', () => {
    const plain = hallmark(['explain', 'xe-ordering']);
    assert.equal(hallmark(['explain', 'xe-ordering'], { env: { COLUMNS: '40' } }).stdout, plain.stdout);
    assert.ok(widest(plain.stdout) > 44 && widest(plain.stdout) <= 80);
  });

  it('has an error in lines of its width, and a pipe has it in one', () => {
    const path = '/nowhere/at/all/there/is/nothing/that/could/be/judged';
    const shown = atTerminal(60, ['check', path]);
    const { stderr } = hallmark(['check', path]);
    assert.match(shown, /^hallmark: /);
    assert.ok(shown.includes(path));
    assert.ok(widest(shown) <= 60, shown);
    assert.match(shown, /\n {2}\S/);
    assert.deepEqual(shown.trim().split(/\s+/), stderr.trim().split(/\s+/));
    assert.ok(widest(stderr) > 60, stderr);
  });
});
