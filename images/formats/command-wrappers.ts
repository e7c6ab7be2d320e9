/** A command as its words; undefined where only the running shell knows one. */
export type CommandWords = readonly (string | undefined)[];

/** What a command runs in the end: a program with its arguments, or the text of a shell script. */
export type RunCommand =
  | { readonly kind: 'program'; readonly words: CommandWords }
  | { readonly kind: 'script'; readonly text: string; readonly args: CommandWords };

/** How a program is called that runs the command behind its own options. */
interface Wrapper {
  /** Options that take the next word. */
  readonly valued?: string;
  /** Words that come before the command, options aside: the duration of timeout(1). */
  readonly leading?: number;
  /** Whether `NAME=value` may come before the command. */
  readonly assigns?: boolean;
}

/** By their manuals, section 1 and 8; POSIX for the built-ins of the shell. */
const wrappers: ReadonlyMap<string, Wrapper> = new Map<string, Wrapper>([
  ['builtin', {}],
  ['cgexec', { valued: '-g' }],
  ['chpst', { valued: '-u -U -b -e -m -d -o -p -f -c -r -t -l -L -n -/' }],
  ['chrt', { valued: '-T -P -D', leading: 1 }],
  ['command', {}],
  ['dbus-run-session', { valued: '--config-file --dbus-daemon' }],
  ['doas', { valued: '-C -u' }],
  ['dumb-init', { valued: '-r' }],
  ['env', { valued: '-u --unset -C --chdir', assigns: true }],
  ['exec', { valued: '-a' }],
  ['flock', { valued: '-w --wait --timeout -E --conflict-exit-code', leading: 1 }],
  ['ionice', { valued: '-c --class -n --classdata' }],
  ['nice', { valued: '-n --adjustment' }],
  ['nohup', {}],
  ['numactl', { valued: '-i -p -m -N -C' }],
  ['prlimit', {}],
  ['runuser', { valued: '-u --user -g --group -G --supp-group -s --shell' }],
  ['s6-setuidgid', { leading: 1 }],
  ['setpriv', { valued: '--reuid --regid --groups --inh-caps --ambient-caps --bounding-set --securebits' }],
  ['setsid', {}],
  ['setuidgid', { leading: 1 }],
  ['stdbuf', { valued: '-i -o -e' }],
  ['sudo', { valued: '-C -D -g -h -p -R -r -t -T -U -u --user --group --prompt --chdir', assigns: true }],
  ['systemd-cat', { valued: '-t --identifier -p --priority' }],
  ['systemd-inhibit', { valued: '--what --who --why --mode' }],
  ['systemd-run', { valued: '-p --property -u --unit -E --setenv -M -H --description --slice --uid --gid' }],
  ['taskset', { leading: 1 }],
  ['time', { valued: '-f -o' }],
  ['timeout', { valued: '-k --kill-after -s --signal', leading: 1 }],
  ['tini', { valued: '-p -e' }],
  ['unbuffer', {}],
  ['unshare', {}],
]);

const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'mksh', 'zsh']);

const maxWrappers = 16;

/** The name of a program without its directory. */
export function programName(word: string | undefined): string {
  return word === undefined ? '' : word.slice(word.lastIndexOf('/') + 1);
}

/**
 * Takes off what only leads to a command: sudo, env, nohup, timeout, flock, start-stop-daemon, `sh -c` and their like, one
 * inside the other. `sh FILE` runs FILE as a script, so FILE is the program.
 * @returns undefined when it runs nothing: start-stop-daemon that stops something, say
 */
export function runCommand(command: CommandWords): RunCommand | undefined {
  let words = command;
  for (let turns = 0; turns < maxWrappers; turns++) {
    const name = programName(words[0]);
    if (shells.has(name)) return byShell(words.slice(1));
    if (name === 'su' || name === 'script') return afterOption(words.slice(1), /^(?:-\w*c|--command)$/);
    const next = inner(name, words.slice(1));
    if (next === undefined) return { kind: 'program', words };
    if ('text' in next) return next;
    if (next.length === 0) return undefined;
    words = next;
  }
  return undefined;
}

type Script = RunCommand & { readonly kind: 'script' };

/** What stands behind a wrapper and its options, which may be nothing; undefined for a program that wraps none. */
function inner(name: string, rest: CommandWords): CommandWords | Script | undefined {
  switch (name) {
    case 'start-stop-daemon':
      return startStopDaemon(rest);
    case 'daemon':
    case 'startproc':
    case 'start_daemon':
      return rest.slice(countOptions(rest, '-p -n -u -l -e -t --pidfile --user --name --check'));
    case 'busybox':
      return rest;
    case 'ip':
      return rest[0] === 'netns' && rest[1] === 'exec' ? rest.slice(3) : undefined;
    case 'screen':
      return rest.slice(countOptions(rest, '-S -c -e -h -p -s -t -T'));
    case 'env': {
      const split = rest.findIndex((word) => word === '-S' || word === '--split-string');
      if (split >= 0) return [...(rest[split + 1]?.split(/\s+/) ?? []), ...rest.slice(split + 2)];
      break;
    }
    case 'flock': {
      const script = afterOption(rest, /^(?:-c|--command)$/);
      if (script) return script;
    }
  }
  const wrapper = wrappers.get(name);
  if (!wrapper) return undefined;
  let at = countOptions(rest, wrapper.valued ?? '');
  while (wrapper.assigns && /^\w+=/.test(rest[at] ?? '')) at += 1;
  // `command -v` only looks for it, and so does `-V`.
  if (name === 'command' && /^-\w*[vV]/.test(rest[0] ?? '')) return [];
  return rest.slice(at + (wrapper.leading ?? 0));
}

/** How many words are options, with their values and the `--` that ends them. */
function countOptions(words: CommandWords, valued: string): number {
  const withValue = new Set(valued.split(' '));
  let at = 0;
  for (let word = words[at]; word !== undefined && /^[-+]./.test(word); word = words[at]) {
    // Of several letters behind one dash, the last may take a value.
    at += withValue.has(/^-[A-Za-z]{2,}$/.test(word) ? `-${word.slice(-1)}` : word) ? 2 : 1;
    if (word === '--') break;
  }
  return at;
}

/** start-stop-daemon(8): `--exec` or `--startas` names the program, what follows `--` are its arguments. */
function startStopDaemon(words: CommandWords): CommandWords {
  const end = words.indexOf('--');
  const own = end < 0 ? words : words.slice(0, end);
  if (!own.some((word) => word === '--start' || /^-\w*S/.test(word ?? ''))) return [];
  const valueOf = (long: string, short: string): string | undefined => {
    const at = own.findIndex((word) => word === long || word === short);
    return at < 0 ? own.find((word) => word?.startsWith(`${long}=`))?.slice(long.length + 1) : own[at + 1];
  };
  const program = valueOf('--startas', '-a') ?? valueOf('--exec', '-x');
  return program === undefined ? [] : [program, ...(end < 0 ? [] : words.slice(end + 1))];
}

function byShell(words: CommandWords): RunCommand | undefined {
  const script = afterOption(words, /^-[a-z]*c$/);
  if (script) return script;
  const file = words.findIndex((word) => word !== undefined && !/^[-+]/.test(word));
  return file < 0 ? undefined : { kind: 'program', words: words.slice(file) };
}

/** The script behind an option such as `-c`. */
function afterOption(words: CommandWords, option: RegExp): Script | undefined {
  const at = words.findIndex((word) => word !== undefined && option.test(word));
  const text = at < 0 ? undefined : words[at + 1];
  // The first word behind the script is its `$0`.
  return text === undefined ? undefined : { kind: 'script', text, args: words.slice(at + 3) };
}
