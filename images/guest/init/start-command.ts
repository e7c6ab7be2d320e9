import { type CommandWords, programName } from '../../formats/command-wrappers.js';

/** Verbs of systemctl(1) after which a unit runs. */
const verbs = /^(?:start|restart|try-restart|reload-or-restart|isolate)$/;

/** Whether a command has the init system start a service of that name: systemctl(1), service(8), its init script. */
export function isStartOf(words: CommandWords, name: string): boolean {
  const [program = '', ...rest] = words;
  const plain = rest.filter((word) => word !== undefined && !word.startsWith('-'));
  const named = (word: string | undefined): boolean => word === name || word === `${name}.service`;
  switch (programName(program)) {
    case 'systemctl': {
      const [verb = '', ...units] = plain;
      const starts = verbs.test(verb) || (verb === 'enable' && rest.includes('--now'));
      return starts && units.some(named);
    }
    case 'service':
    case 'invoke-rc.d':
    case 'rc-service':
      return named(plain[0]) && /^(?:re)?start$/.test(plain[1] ?? '');
    case 'initctl':
      return plain[0] === 'start' && named(plain[1]);
    case name:
      return program.includes('/init.d/') && /^(?:re)?start$/.test(plain[0] ?? '');
    default:
      return false;
  }
}

/** Verbs of systemctl(1) after which a unit no longer runs, now or after the next boot. */
const stops = /^(?:stop|kill|disable|mask)$/;

/** Whether a command stops the service of that name, or has it not started again. */
export function isStopOf(words: CommandWords, name: string): boolean {
  const [program = '', ...rest] = words;
  const plain = rest.filter((word) => word !== undefined && !word.startsWith('-'));
  const named = (word: string | undefined): boolean => word === name || word === `${name}.service`;
  switch (programName(program)) {
    case 'systemctl': {
      const [verb = '', ...units] = plain;
      return stops.test(verb) && units.some(named);
    }
    case 'service':
    case 'invoke-rc.d':
    case 'rc-service':
      return named(plain[0]) && plain[1] === 'stop';
    case name:
      return program.includes('/init.d/') && plain[0] === 'stop';
    default:
      return false;
  }
}
