import { getAsset } from 'node:sea';
import type { packageText as ordinary } from '../../../images/base/package-file.js';

/**
 * The text of a file that comes with the package: in the standalone executable, which carries it as an asset of that name.
 * @param path - from the package's root
 */
export const packageText: typeof ordinary = (path) => getAsset(path, 'utf8');
