import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type ShellWorld, shellCommands } from '../../../images/formats/shell-commands.js';

/** Each command as its words; `?` for a word that is not known, `~` before a command that is not certain. */
async function shown(text: string, world: ShellWorld = {}): Promise<string[]> {
  return (await shellCommands(text, world)).map(
    ({ words, certain }) => `${certain ? '' : '~'}${words.map((word) => word ?? '?').join(' ')}`,
  );
}

describe('formats/shell-commands', () => {
  const table: [string, string, string[]][] = [
    ['commands of a line', 'a 1; b & c | d', ['a 1', 'b', 'c', 'd']],
    ['quotes', `a 'b c' "d \\"e" f\\ g $'h'`, [`a b c d "e f g h`]],
    ['a continuation line', 'a \\\n  b\nc', ['a b', 'c']],
    ['comments', '# a\nb # c\n#d', ['b']],
    ['a here-document', 'cat <<EOF\nopenvpn\nEOF\nb', ['cat', 'b']],
    ['a here-document with tabs', "cat <<-'EOF' >x\n\topenvpn\n\tEOF\nb", ['cat', 'b']],
    ['redirections', 'a >/dev/null 2>&1 <x &>y b', ['a b']],
    ['behind exit', 'a\nexit 0\nb', ['a', 'exit 0']],
    ['behind an exit that may be', '[ -x /a ] || exit 0\nb', ['[ -x /a ]', '~exit 0', '~b']],
    ['behind an exit in a branch that is always taken', 'if true; then exit 1; fi\nb', ['true', 'exit 1']],
    ['if false', 'if false; then a; else b; fi; c', ['false', 'b', 'c']],
    ['a branch that may be', 'if x; then a; elif y; then b; fi; c', ['x', '~y', '~a', '~b', 'c']],
    ['branches that all leave', 'if x; then exit; else exit 1; fi; c', ['x', '~exit', '~exit 1']],
    [
      'false && and true ||',
      'false && a; true || b; ! true && c; true && d',
      ['false', 'true', 'true', 'true', 'd'],
    ],
    ['a comparison', 'X=no; [ "$X" = yes ] || exit 0; b', ['[ no = yes ]', 'exit 0']],
    ['a comparison in [[', 'X=1; if [[ $X == 1 && -n "$X" ]]; then a; fi', ['[[ 1 == 1 && -n 1 ]]', 'a']],
    ['a number', 'N=3; [ $N -gt 2 ] && a', ['[ 3 -gt 2 ]', 'a']],
    ['a variable', 'P=/usr/sbin/openvpn\n$P --config "$C"', ['/usr/sbin/openvpn --config ?']],
    ['a variable of several words', 'P="openvpn --daemon"; $P x', ['openvpn --daemon x']],
    ['a default', '${P:-wg-quick} up "${I:=wg0}"', ['wg-quick up wg0']],
    ['an assignment in front of a command', 'P=a b; $P', ['b', '?']],
    ['a value that may be', 'P=a; x && P=b; [ $P = a ] && c', ['x', '[ a = a ]', '~c']],
    ['a function that is called', 'f() { a "$1"; }\nf x', ['a x']],
    ['a function that is not', 'function f { a; }\nb', ['b']],
    ['return', 'f() { x || return 1; a; }\nf; b', ['x', '~return 1', '~a', 'b']],
    [
      'a loop over words',
      'for i in wg0 wg1; do wg-quick up $i; done',
      ['wg-quick up wg0', 'wg-quick up wg1'],
    ],
    ['a loop over a pattern', 'for i in /etc/*.conf; do a $i; done', ['~a ?']],
    ['an endless loop', 'while true; do a; done; b', ['true', 'a']],
    ['a loop that may end', 'while :; do x && break; done; b', [':', 'x', '~break', 'b']],
    [
      'a loop that never starts',
      'while false; do a; done; until true; do b; done; c',
      ['false', 'true', 'c'],
    ],
    ['case', 'case x in y) a ;; x|z) b ;; *) c ;; esac', ['b']],
    ['case of what is not known', 'case "$1" in start) a ;; *) b ;; esac', ['~a', '~b']],
    ['a subshell', '(X=1; exit); a $X; { b; }', ['exit', 'a ?', 'b']],
    ['a substitution', 'X=$(a 1); Y=`b`; c "$(d)"', ['a 1', 'b', 'd', 'c ?']],
    ['eval', 'eval "a b; c"', ['eval a b; c', 'a b', 'c']],
    ['exec', 'exec a\nb', ['exec a']],
    ['exec of redirections', 'exec >/x\nb', ['exec', 'b']],
    ['what comes before an error', 'a\nif b; then\nc', ['a']],
    ['an error before everything', ') a', []],
    ['a carriage return', 'exit\r\na\r\n', ['exit\r', 'a\r']],
    ['reserved words as arguments', 'echo if then done fi; a', ['echo if then done fi', 'a']],
    ['arithmetic', '((x = 1)); a $((1 + 2)); for ((;;)); do b; break; done', ['((', 'a ?', '~b', '~break']],
    ['set and shift', 'set -- a b; shift; c $1', ['set -- a b', 'shift', 'c b']],
    ['all arguments', 'f() { g "$@"; }; f a "b c"', ['g a b c']],
    ['a process substitution', 'a <(b) c', ['b', 'a ? c']],
  ];
  for (const [name, text, expected] of table) {
    it(name, async () => {
      assert.deepEqual(await shown(text), expected);
    });
  }

  it('asks what is around the script', async () => {
    const text =
      '[ -x /p ] || exit 0\n. /etc/default/x\n[ "$ON" = 1 ] || exit 0\ncase "$1" in start) a $Y ;; esac';
    const world: ShellWorld = {
      args: ['start'],
      variable: (name) => (name === 'Y' ? 'y' : undefined),
      fileTest: async (operator, path) => operator === '-x' && path === '/p',
      sourced: async (path) => (path === '/etc/default/x' ? 'ON=1\n' : undefined),
    };
    assert.equal((await shown(text, world)).at(-1), 'a y');
    const off = await shown(text, { ...world, sourced: async () => 'ON=0\n' });
    assert.equal(off.at(-1), 'exit 0');
  });

  it('says where a command stands', async () => {
    const text = 'a\nb \\\n c; d\n';
    const commands = await shellCommands(text);
    assert.deepEqual(
      commands.map(({ line, last, start, end }) => [line, last, text.slice(start, end)]),
      [
        [1, 1, 'a'],
        [2, 3, 'b \\\n c'],
        [3, 3, 'd'],
      ],
    );
  });

  it('ends, whatever the text', async () => {
    const piece = fc.constantFrom(
      ...'if;then;fi;for;in;do;done;while;until;case;esac;{;};(;);$(;`;";\';\\;\n;;;&;|;<<;EOF;a;X=1;$X;${X:-;[[;]];((;))'.split(
        ';',
      ),
      ';',
      ';;',
      ' ',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 60 }).map((all) => all.join(' ')),
        ),
        async (text) => {
          await shellCommands(text);
        },
      ),
    );
    await shellCommands('$('.repeat(50_000));
    await shellCommands('f() { f; f; }; f');
    await shellCommands('${x:-'.repeat(20_000));
    await shellCommands('('.repeat(100_000));
  });

  it('agrees with the shell on what it runs', async () => {
    // In a real shell, with a function for every command that says its words.
    const command = fc.constantFrom('a', 'b x', 'true', 'false', 'c "d e"', 'V=w', 'a $V', 'exit 0', ':');
    const { list: script } = fc.letrec<{ list: string; node: string }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        command,
        fc.tuple(tie('list'), tie('list')).map(([one, other]) => `if true; then\n${one}\nelse\n${other}\nfi`),
        fc
          .tuple(tie('list'), tie('list'))
          .map(([one, other]) => `if false; then\n${one}\nelse\n${other}\nfi`),
        tie('list').map((body) => `for V in p q; do\n${body}\ndone`),
        tie('list').map((body) => `(${body}\n)`),
        tie('list').map((body) => `f() {\n${body}\n}\nf`),
        tie('list').map((body) => `case start in x) a ;; st*)\n${body}\n;; *) b ;; esac`),
        fc.tuple(tie('node'), tie('node')).map(([one, other]) => `true && ${one}\nfalse || ${other}`),
        tie('list').map((body) => `while :; do\n${body}\nbreak\ndone`),
        fc.constant('cat <<EOF\nb\nEOF'),
      ),
      list: fc.array(tie('node'), { minLength: 1, maxLength: 4 }).map((nodes) => nodes.join('\n')),
    }));
    const prelude = ['a', 'b', 'c', 'cat']
      .map((name) => `${name}() { echo "${name}\${*:+ }$*" >&3; }\n`)
      .join('');
    const folder = mkdtempSync(join(tmpdir(), 'shell-'));
    const file = join(folder, 'script');
    try {
      await fc.assert(
        fc.asyncProperty(script, async (text) => {
          writeFileSync(file, `${prelude}V=v\nexec 3>&1 >/dev/null\n${text}\n`);
          const real = spawnSync('sh', [file], { encoding: 'utf8' }).stdout;
          const ours = (await shellCommands(`V=v\n${text}`))
            .filter(({ words }) => /^(?:a|b|c|cat)$/.test(words[0] ?? ''))
            .map(({ words }) => words.join(' '));
          assert.deepEqual(ours, real.split('\n').filter(Boolean), text);
        }),
        { numRuns: 60 },
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
