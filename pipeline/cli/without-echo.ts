import type { ReadStream } from 'node:tty';

/** What the line discipline of a terminal does with these itself, unless it is in raw mode: termios(3). */
const key = {
  interrupt: 0x03,
  endOfFile: 0x04,
  backspace: 0x08,
  lineFeed: 0x0a,
  carriageReturn: 0x0d,
  kill: 0x15,
  quit: 0x1c,
  erase: 0x7f,
} as const;

/**
 * Reads a line that the terminal does not show. Its raw mode gives every byte as it is typed, so the keys that edit or
 * interrupt are ours to obey.
 * @param ask - puts the question, once nothing that is typed can be seen any more
 * @returns undefined when the input ends before anything was typed, or the signal aborts
 */
export function withoutEcho(
  input: Pick<ReadStream, 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>,
  signal: AbortSignal,
  ask: () => void,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const typed: number[] = [];
    const end = (line: string | undefined): void => {
      input.off('data', read);
      input.off('end', atEnd);
      signal.removeEventListener('abort', atEnd);
      input.setRawMode(false);
      input.pause();
      resolve(line);
    };
    const line = (): string => Buffer.from(typed).toString();
    const atEnd = (): void => {
      end(typed.length > 0 && !signal.aborted ? line() : undefined);
    };
    const read = (chunk: Buffer): void => {
      for (const byte of chunk) {
        if (byte === key.carriageReturn || byte === key.lineFeed) {
          end(line());
          return;
        }
        if (byte === key.endOfFile) {
          atEnd();
          return;
        }
        if (byte === key.interrupt || byte === key.quit) {
          process.kill(process.pid, 'SIGINT'); // aborts the signal
          return;
        }
        if (byte === key.erase || byte === key.backspace) eraseLast(typed);
        else if (byte === key.kill) typed.length = 0;
        else typed.push(byte);
      }
    };
    if (signal.aborted) {
      resolve(undefined);
      return;
    }
    input.setRawMode(true);
    input.on('data', read);
    input.on('end', atEnd);
    signal.addEventListener('abort', atEnd);
    input.resume();
    ask();
  });
}

/** A character of UTF-8 is a byte and those that continue it (0b10xxxxxx). */
function eraseLast(typed: number[]): void {
  while (typed.length > 0) {
    const byte = typed.pop() ?? 0;
    if ((byte & 0xc0) !== 0x80) return;
  }
}
