import type { GuestPath, Image } from '../../image/image.js';
import type { Input } from '../../image/inputs.js';
import { type GuestText, textAt } from '../texts.js';

/** Names of files that a boot loader's configuration reads in its turn. */
const names = ['*.cfg', '*.conf', 'grubenv'] as const;

/** What {@link loaderFile} may read. */
export const loaderFileInputs: readonly Input[] = ['/boot', '/efi'].flatMap((folder) =>
  names.map((name) => `${folder}/**/${name}`),
);

/**
 * A file that a boot loader's configuration names, read only where boot loaders keep theirs: the configuration of an
 * image decides what is read here.
 */
export async function loaderFile(image: Image, path: GuestPath): Promise<GuestText | undefined> {
  const real = await image.realPath(path);
  if (!real || !/^\/(?:boot|efi)\/(?:[^/]+\/)*(?:[^/]+\.(?:cfg|conf)|grubenv)$/.test(real)) return undefined;
  const [text] = await textAt(image, path);
  return text;
}
