import { type CommandWords, programName } from '../../formats/command-wrappers.js';
import { matches } from '../../formats/wildcard.js';

/** What becomes of a service that a command stops. */
export type Stop =
  /** Its processes are ended; under systemd a start that still waits in the queue is taken out. */
  | 'stopped'
  /** Its processes get a signal: whether it is started again is for its unit to say. */
  | 'killed'
  /** It runs on, and is not started at the next boot. */
  | 'disabled'
  /** The same, and a start that still waits fails. */
  | 'masked';

/** A command that asks something of a service, taken apart: systemctl(1), service(8), initctl(8), its init script. */
interface Asking {
  readonly by: 'systemctl' | 'script' | 'initctl' | 'chkconfig';
  readonly verb: string;
  readonly now: boolean;
}

/** Whether a command has the init system start a service of that name. */
export function isStartOf(words: CommandWords, name: string): boolean {
  const asking = askingOf(words, name);
  if (!asking) return false;
  const { by, verb, now } = asking;
  switch (by) {
    case 'systemctl':
      return (
        /^(?:start|restart|try-restart|reload-or-restart|isolate)$/.test(verb) ||
        (/^(?:re)?enable$/.test(verb) && now)
      );
    case 'script':
    case 'initctl':
      return /^(?:re)?start$/.test(verb);
    case 'chkconfig':
      return false;
  }
}

/** How a command stops the service of that name, or has it not started again; undefined when it does neither. */
export function stopOf(words: CommandWords, name: string): Stop | undefined {
  const asking = askingOf(words, name);
  if (!asking) return undefined;
  const { by, verb, now } = asking;
  if (verb === 'stop') return 'stopped';
  if (by === 'chkconfig') return /^(?:off|disable|remove|--del)$/.test(verb) ? 'disabled' : undefined;
  if (by !== 'systemctl') return undefined;
  switch (verb) {
    case 'kill':
      return isLethal(signalOf(words)) ? 'killed' : undefined;
    case 'disable':
      return now ? 'stopped' : 'disabled';
    case 'mask':
      return now ? 'stopped' : 'masked';
    default:
      return undefined;
  }
}

/** Whether a command takes back what another one has done to the service of that name. */
export function undoes(words: CommandWords, name: string, stop: Stop): boolean {
  const { by, verb = '' } = askingOf(words, name) ?? {};
  switch (stop) {
    case 'stopped':
    case 'killed':
      return isStartOf(words, name);
    case 'disabled':
      return by === 'systemctl' ? /^(?:re)?enable$/.test(verb) : /^(?:on|enable|defaults|--add)$/.test(verb);
    case 'masked':
      return by === 'systemctl' && verb === 'unmask';
  }
}

/** Options of systemctl(1) that take the next word. */
const valued =
  /^(?:-[tpPsno]|--(?:type|state|property|job-mode|signal|kill-whom?|kill-value|lines|output|what|preset-mode|timestamp))$/;

/** Options by which systemctl(1) speaks of another machine, of another root, or of a user's services. */
const elsewhere = /^(?:-[HM]|--(?:host|machine|root|image)(?:=|$)|--user$|--global$)/;

function askingOf(words: CommandWords, name: string): Asking | undefined {
  const [program = '', ...rest] = words;
  const plain = rest.filter((word) => word !== undefined && !word.startsWith('-'));
  const named = (word: string | undefined): boolean => word === name || word === `${name}.service`;
  const as = (by: Asking['by'], verb = ''): Asking => ({ by, verb, now: false });
  switch (programName(program)) {
    case 'systemctl': {
      if (rest.some((word) => elsewhere.test(word ?? ''))) return undefined;
      const [verb = '', ...units] = rest.filter(
        (word, at) => word !== undefined && !word.startsWith('-') && !valued.test(rest[at - 1] ?? ''),
      );
      // Of units that are loaded, a pattern will do; files are named.
      const fits = (word: string | undefined): boolean =>
        named(word) ||
        (word !== undefined &&
          /[*?[]/.test(word) &&
          !/able$|mask$/.test(verb) &&
          matches(word, `${name}.service`));
      return units.some(fits) ? { by: 'systemctl', verb, now: rest.includes('--now') } : undefined;
    }
    case 'service':
    case 'invoke-rc.d':
    case 'rc-service':
      return named(plain[0]) ? as('script', plain[1]) : undefined;
    case 'initctl':
      return named(plain[1]) ? as('initctl', plain[0]) : undefined;
    case 'chkconfig':
      // chkconfig(8): NAME off, or --del NAME.
      if (!named(plain[0])) return undefined;
      return as('chkconfig', plain[1] ?? rest.find((word) => word === '--del' || word === '--add'));
    case 'update-rc.d':
      return named(plain[0]) ? as('chkconfig', plain[1]) : undefined;
    case name:
      return program.includes('/init.d/') ? as('script', plain[0]) : undefined;
    default:
      return undefined;
  }
}

/** What `systemctl kill` sends: -s, --signal, or SIGTERM. */
export function signalOf(words: CommandWords): string {
  const at = words.findIndex((word) => /^(?:-s|--signal)(?:=|$)/.test(word ?? ''));
  if (at >= 0) return words[at]?.split('=')[1] ?? words[at + 1] ?? 'TERM';
  return words.find((word) => /^-s./.test(word ?? ''))?.slice(2) ?? 'TERM';
}

/** signal(7): whether a process that does not catch a signal ends or stands still. */
export function isLethal(signal: string): boolean {
  return !/^(?:SIG)?(?:0|17|18|23|28|CHLD|CLD|CONT|URG|WINCH|EXIT)$/i.test(signal);
}
