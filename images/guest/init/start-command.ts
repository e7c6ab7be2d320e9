import { type CommandWords, programName } from '../../formats/command-wrappers.js';

/** How a command asks something of a service: systemctl(1), service(8), initctl(8), its init script. */
interface Asking {
  /** @param options - whatever stands behind the program, with the verb and the units */
  readonly systemctl: (verb: string, options: CommandWords) => boolean;
  readonly script: RegExp;
  readonly initctl?: string;
}

const starting: Asking = {
  systemctl: (verb, options) =>
    /^(?:start|restart|try-restart|reload-or-restart|isolate)$/.test(verb) ||
    (verb === 'enable' && options.includes('--now')),
  script: /^(?:re)?start$/,
  initctl: 'start',
};

const stopping: Asking = {
  systemctl: (verb) => /^(?:stop|kill|disable|mask)$/.test(verb),
  script: /^stop$/,
};

/** Whether a command has the init system start a service of that name. */
export function isStartOf(words: CommandWords, name: string): boolean {
  return asks(starting, words, name);
}

/** Whether a command stops the service of that name, or has it not started again. */
export function isStopOf(words: CommandWords, name: string): boolean {
  return asks(stopping, words, name);
}

function asks({ systemctl, script, initctl }: Asking, words: CommandWords, name: string): boolean {
  const [program = '', ...rest] = words;
  const plain = rest.filter((word) => word !== undefined && !word.startsWith('-'));
  const named = (word: string | undefined): boolean => word === name || word === `${name}.service`;
  switch (programName(program)) {
    case 'systemctl': {
      const [verb = '', ...units] = plain;
      return systemctl(verb, rest) && units.some(named);
    }
    case 'service':
    case 'invoke-rc.d':
    case 'rc-service':
      return named(plain[0]) && script.test(plain[1] ?? '');
    case 'initctl':
      return initctl !== undefined && plain[0] === initctl && named(plain[1]);
    case name:
      return program.includes('/init.d/') && script.test(plain[0] ?? '');
    default:
      return false;
  }
}
