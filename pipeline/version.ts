import { readFileSync } from 'node:fs';

/** The version of this package, from its own package.json (two folders above, once built). */
export const version = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
