import { checks } from '../../../checks/index.js';
import type { Check } from '../../../checks/lib/check.js';
import { snapshotChecks } from '../../../checks/snapshot.js';
import { type VpnRecord, vpnRecord } from '../../../images/guest/vpn/record.js';
import { vpnAutostart } from '../../../fixers/vpn-autostart.js';
import { factsOf } from '../../../images/guest/fact.js';
import { sourceAt } from '../../../images/sources/find.js';
import type { ImageSource, ServerRoot } from '../../../images/sources/source.js';
import type { Rules } from '../../request.js';

/**
 * What a server is judged by before a snapshot, and the one repair that is made for it: what else is wrong is repaired
 * for good, not for the time of a snapshot.
 */
export const snapshotRules: Rules = {
  checks: [...checks.map(whoeverOwnsTheServer), ...snapshotChecks],
  fixers: [vpnAutostart],
};

/**
 * In an image, a VPN matters for the agent that it kills. But whatever owns the servers that are built from a snapshot,
 * each would open the VPN of the one that it was taken of, with the same keys.
 */
function whoeverOwnsTheServer(check: Check): Check {
  if (check.meta.id !== vpnAutostart.meta.id) return check;
  return { ...check, meta: { ...check.meta, targets: ['nova-agent', 'cloud-init'] } };
}

/** A server of which a snapshot is to be taken, by its root: the one that is running, or one mounted elsewhere. */
export interface SnapshotServer extends ServerRoot {
  readonly source: ImageSource;
}

/** @throws {UsageError} for what is not a root directory */
export async function serverAt(root = '/'): Promise<SnapshotServer> {
  const source = await sourceAt(root);
  return { source, ...source.server() };
}

/** What is recorded in a server; undefined when nothing is. @throws {ImageError} code `bad-record` */
export async function recordOf({ source }: SnapshotServer): Promise<VpnRecord | undefined> {
  await using image = await source.open();
  return await factsOf(image)(vpnRecord);
}
