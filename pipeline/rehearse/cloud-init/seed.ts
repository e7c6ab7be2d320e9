import { mkdirSync } from 'node:fs';
import { ImageError, systemCode } from '../../../images/base/errors.js';
import type { GuestPath, Image } from '../../../images/image/image.js';
import { parentOf } from '../../../images/image/resolve.js';
import type { Sandbox } from '../../../images/sandbox/sandbox.js';
import { look } from '../running-guest.js';

/** Where every cloud-init, and ds-identify, looks for what a config drive has before it looks for a drive. */
const seed: GuestPath = '/var/lib/cloud/seed/config_drive';

/** Where those since 17.1 look next. */
const secondSeed: GuestPath = '/config-drive';

/**
 * Chooses where the guest finds its config drive: DataSourceConfigDrive.py and tools/ds-identify of cloud-init. What the
 * image has left there of another server's would come before a real drive, so it is not hidden.
 * @returns a folder to bind it at
 * @throws {ImageError} code `unsupported` when there cannot be one
 */
export async function makeSeedFolder(sandbox: Sandbox): Promise<GuestPath> {
  await using image = look({ sandbox });
  if (await image.stat(seed)) return secondSeed;
  await makeFolder(sandbox.root, image, seed);
  return seed;
}

/** Makes it in the layer before the guest is started: what is made with the bind would not belong to the guest's root. */
async function makeFolder(root: string, image: Image, path: GuestPath): Promise<void> {
  let there = path;
  while (!(await image.lstat(there))) there = parentOf(there);
  const real = await image.realPath(there);
  if (real === undefined)
    throw new ImageError('unsupported', `${path} cannot be created: ${there} is a broken link`);
  try {
    // No link of the guest is in the way: what is there is resolved, and the rest is new.
    mkdirSync(`${root}${real}${path.slice(there.length)}`, { recursive: true, mode: 0o755 });
  } catch (cause) {
    const code = systemCode(cause);
    if (code === undefined) throw cause;
    throw new ImageError('unsupported', `${path} cannot be created: ${code}`, { cause });
  }
}
