import { packageText } from '../../images/base/package-file.js';

/** The version of this package, from its own package.json. */
export const version = (JSON.parse(packageText('package.json')) as { version: string }).version;
