import { compareDottedVersions } from '../../formats/version.js';

/** Whether an agent's release is known to be older than another; one that is not known counts as today's. */
export function isOlder(version: string | undefined, than: string): boolean {
  return version !== undefined && compareDottedVersions(version, than) < 0;
}
