import { chmodSync, chownSync, closeSync, constants, existsSync, openSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ImageError } from '../base/errors.js';
import type { Bind } from './machine.js';
import { userBase } from './machine.js';
import type { Namespaces } from './namespaces.js';
import type { WorkFolder } from './work-folder.js';

/** A character device that passes what is written to it to a socket of the host, and back. */
export interface PipeDevice extends Disposable {
  /** To be bound into the guest. */
  readonly path: string;
}

/**
 * Makes a device out of a pseudo-terminal in raw mode: what the guest's processes read and write there are the bytes of
 * one connection to a Unix socket. socat joins the two ends, since Node.js cannot make a pseudo-terminal.
 * @throws {ImageError} code `missing-tool`, `program-failed`
 */
export async function makePipeDevice(
  namespaces: Namespaces,
  work: WorkFolder,
  socket: string,
): Promise<PipeDevice> {
  const link = join(work.path, 'xenbus');
  const bridge = await namespaces.start('socat', [`PTY,raw,echo=0,link=${link}`, `UNIX-CONNECT:${socket}`], {
    package: 'socat',
  });
  bridge.output.resume();
  while (!existsSync(link)) {
    if (bridge.isOver()) throw new ImageError('program-failed', 'socat failed: it made no pseudo-terminal');
    await sleep(5);
  }
  const path = realpathSync(link);
  give(path);
  // While nobody has the terminal open, whoever reads its other end gets an error: we keep it open.
  const held = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  return {
    path,
    [Symbol.dispose]: () => {
      closeSync(held);
      bridge.stop();
    },
  };
}

/** A device for tunnels that the guest's root may open. */
export async function makeTunnelDevice(namespaces: Namespaces, folder: string): Promise<Bind> {
  const path = join(folder, 'tun');
  await namespaces.run('mknod', ['--mode=0666', path, 'c', '10', '200']); // Documentation/networking/tuntap.rst
  return { from: path, to: '/dev/net/tun' };
}

/** Lets the guest's root have a file of the host. */
export function give(path: string, mode = 0o600): void {
  chownSync(path, userBase, userBase);
  chmodSync(path, mode);
}
