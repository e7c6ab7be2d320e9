import { type CommandWords, programName } from '../../formats/command-wrappers.js';

/** Targets of a machine that is looked after by hand: bootup(7), systemd.special(7). */
const withoutServices = /^(?:rescue|emergency|runlevel1|sysinit|basic)$/;

/** Targets that every server's services are below. */
const withServices = /^(?:default|multi-user|graphical|runlevel[2-5])$/;

/**
 * Whether a command has systemd stop every unit that another target does not want (systemctl(1), isolate; telinit(8)):
 * undefined of one that stops none, `certain: false` of a target that only the image's administrator knows.
 */
export function isolates(words: CommandWords): { readonly certain: boolean } | undefined {
  const [program, ...rest] = words;
  const plain = rest.filter((word) => word !== undefined && !word.startsWith('-'));
  switch (programName(program)) {
    case 'systemctl': {
      const [verb = '', unit = ''] = plain;
      if (verb === 'rescue' || verb === 'emergency') return { certain: true };
      const asked = verb === 'start' && rest.includes('--job-mode=isolate');
      if (verb !== 'isolate' && !asked) return undefined;
      const target = unit.replace(/\.target$/, '');
      if (target === '' || withServices.test(target)) return undefined;
      return { certain: withoutServices.test(target) };
    }
    case 'init':
    case 'telinit':
      return /^[1Ss]$/.test(plain[0] ?? '') ? { certain: true } : undefined;
    default:
      return undefined;
  }
}
