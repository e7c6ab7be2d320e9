import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';

/** A folder served on loopback, by a process of its own: what it is asked for it writes down. */
export class HttpFolder implements Disposable {
  private constructor(
    private readonly server: ChildProcess,
    private readonly log: string,
    readonly port: number,
  ) {}

  /** @param scratch - a folder for what it writes down */
  static async open(folder: string, scratch: string): Promise<HttpFolder> {
    const log = join(scratch, 'requests');
    const output = openSync(log, 'w');
    const args = ['-u', '-m', 'http.server', '0', '--bind', '127.0.0.1', '--directory', folder];
    const server = spawn('python3', args, { stdio: ['ignore', output, output] });
    closeSync(output);
    const ended = once(server, 'exit').then(() => {
      throw new Error(`the server ended: ${readFileSync(log, 'utf8')}`);
    });
    for (;;) {
      const [, port] = / port (\d+) /.exec(readFileSync(log, 'utf8')) ?? [];
      if (port !== undefined) {
        ended.catch(() => undefined); // it is ended by us
        return new HttpFolder(server, log, Number(port));
      }
      await Promise.race([ended, sleep(20)]);
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The paths that it was asked for. */
  get requests(): string[] {
    return [...readFileSync(this.log, 'utf8').matchAll(/"GET (\S+) /g)].map(([, path = '']) => path);
  }

  [Symbol.dispose](): void {
    this.server.kill();
  }
}
