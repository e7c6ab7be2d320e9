import { ImageError, UsageError } from '../../../images/base/errors.js';
import { visible } from '../../../images/base/visible.js';
import type { AskedCommand } from '../../../images/live/asked.js';
import { askAgent, patience } from '../../../images/live/ask-agent.js';
import { type Door, openXenStore } from '../../../images/live/xenstore.js';
import { XenStoreFailure } from '../../../images/live/xenstore-client.js';
import type { Terminal } from '../terminal.js';

export interface AskOptions {
  /** Seconds. */
  readonly timeout?: number;
  readonly json?: true;
  readonly yes?: true;
}

/**
 * `hallmark ask version|features|resetnetwork`: sends the command to the agent of this server as the cloud would.
 * @returns the exit code: 0 it succeeded, 1 the agent answered that it failed
 * @throws {ImageError} code `no-xenstore` or `no-answer`
 */
export async function ask(command: AskedCommand, options: AskOptions, terminal: Terminal): Promise<number> {
  if (command === 'resetnetwork' && !(await isAgreed(options, terminal))) return 1;
  const { doors, client } = await openXenStore();
  if (!client) throw noXenStore(doors);
  await using asking = client;
  const seconds = options.timeout ?? patience[command];
  terminal.progress(`wait for the agent's answer, ${seconds} s at most`, false);
  const [asked] = await told(askAgent(asking, [command], { seconds, signal: terminal.signal })).finally(
    () => {
      terminal.progress(undefined, false);
    },
  );
  const { answer } = asked ?? {};
  if (!answer || answer.kind === 'time-out') {
    const message = `nova-agent did not answer "${command}" within ${seconds} s; the request was removed`;
    const hint =
      'See whether it runs and what its log says: "hallmark snapshot status", /var/log/nova-agent.log.';
    throw new ImageError('no-answer', message, { hint });
  }
  if (answer.kind === 'malformed')
    throw new ImageError(
      'no-answer',
      `nova-agent answered something that is not a response: ${visible(answer.text)}`,
    );
  const { returncode, message } = answer;
  if (options.json)
    terminal.out(`${JSON.stringify({ schemaVersion: 1, command, returncode, message }, undefined, 2)}\n`);
  else
    terminal.out(
      `${command}: ${visible([String(returncode), message].filter((part) => part !== '').join(' '))}\n`,
    );
  return returncode === '0' ? 0 : 1;
}

/** It rewrites the network's configuration: a connection over the network may end. */
async function isAgreed({ yes }: AskOptions, terminal: Terminal): Promise<boolean> {
  if (yes) return true;
  if (!terminal.interactive) {
    throw new UsageError(
      'needs-yes',
      'the network of this server would be configured anew, and there is no terminal to ask for confirmation',
      { hint: 'Use --yes to agree.' },
    );
  }
  if (await terminal.ask('Configure the network of this server anew, as the cloud has it?')) return true;
  terminal.say('note', 'nothing was changed');
  return false;
}

async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (!(cause instanceof XenStoreFailure)) throw cause;
    throw new ImageError('no-xenstore', `XenStore ${cause.message}`, { cause });
  }
}

function noXenStore(doors: readonly Door[]): ImageError {
  const tried = doors.map(({ path, detail }) => `${path} ${detail}`).join('; ');
  const message = `XenStore cannot be reached${tried === '' ? ': there is no way to it' : ` (${tried})`}`;
  return new ImageError('no-xenstore', message, {
    hint: 'Run it as root, on a server that runs under Xen. "hallmark explain xenstore-reachable" says more.',
  });
}
