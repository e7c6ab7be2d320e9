import { visible } from '../../../images/base/visible.js';
import type { CommandName } from '../scenario.js';
import type { Answer } from './command.js';
import { isPublicKey } from './key-exchange.js';

/** Whether an answer is the one that the command should have, and what it was, in one line. */
export interface AnswerVerdict {
  readonly outcome: 'well' | 'wrong' | 'malformed' | 'time-out';
  readonly detail: string;
}

/** What an answer is held against. */
export interface Wanted {
  readonly command: CommandName;
  /** Return codes of success. */
  readonly accept: readonly string[];
  /** Commands that `features` has to name. */
  readonly needed: readonly CommandName[];
  /** What was waited for, in seconds. */
  readonly limit: number;
  /** Takes the secrets out of what the guest said. */
  readonly hide: (text: string) => string;
}

/**
 * The return code of success of each command, which is the same in both generations (Rackspace-DOT/nova-agent and
 * rackerlabs/openstack-guest-agents-unix on GitHub).
 */
export function successOf(command: CommandName): string {
  return command === 'keyinit' ? 'D0' : '0';
}

/** Judges an answer; the detail is fit for a report. */
export function verdictOn(answer: Answer, wanted: Wanted): AnswerVerdict {
  const shown = (text: string): string => bounded(wanted.hide(text));
  if (answer.kind === 'time-out')
    return { outcome: 'time-out', detail: `no answer within ${wanted.limit} s; the request was removed` };
  if (answer.kind === 'malformed')
    return { outcome: 'malformed', detail: `the answer is not a response: ${shown(answer.text)}` };
  const { message } = answer;
  const isNumber = typeof answer.returncode === 'number';
  const returncode = isNumber ? `the number ${answer.returncode}` : answer.returncode;
  const said = message === '' ? shown(returncode) : `${shown(returncode)}: ${shown(message)}`;
  if (isNumber || !wanted.accept.includes(returncode))
    return { outcome: 'wrong', detail: `answered ${said} (${wanted.accept.join(' or ')} is success)` };
  const flaw = flawIn(message, wanted);
  if (flaw !== undefined) return { outcome: 'wrong', detail: `answered ${said}, ${flaw}` };
  if (wanted.command === 'keyinit')
    return { outcome: 'well', detail: `answered ${shown(returncode)} and its key` };
  const remark =
    returncode === successOf(wanted.command)
      ? ''
      : ' (counts as success, as it does for Nova: old agents for FreeBSD and Gentoo give this answer when all went well)';
  return { outcome: 'well', detail: `answered ${said}${remark}` };
}

/** What is wrong with the message of a success. */
function flawIn(message: string, { command, needed }: Wanted): string | undefined {
  switch (command) {
    case 'version':
      // So do the 2.x agents answer a command that they do not know.
      return message.trim() === '' ? 'without a version' : undefined;
    case 'features': {
      const named = message.split(',').map((name) => name.trim());
      const missing = needed.filter((name) => !named.includes(name));
      return missing.length === 0 ? undefined : `without ${missing.join(', ')}`;
    }
    case 'keyinit':
      return isPublicKey(message) ? undefined : 'which is not a public key';
    case 'password':
    case 'injectfile':
    case 'resetnetwork':
      return undefined;
  }
}

const shownLength = 200;

/** A text of the guest's in one line of bearable length. */
export function bounded(text: string): string {
  const line = visible(text.slice(0, shownLength));
  return text.length > shownLength ? `${line}… (${text.length} characters)` : line;
}
