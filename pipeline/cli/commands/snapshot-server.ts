import { checks } from '../../../checks/index.js';
import type { Check } from '../../../checks/lib/check.js';
import { snapshotChecks } from '../../../checks/snapshot.js';
import { type VpnRecord, vpnRecord } from '../../../images/guest/vpn/record.js';
import { vpnAutostart } from '../../../fixers/vpn-autostart.js';
import { UsageError } from '../../../images/base/errors.js';
import { factsOf } from '../../../images/guest/fact.js';
import { detectKind, openImage } from '../../../images/sources/open.js';
import type { Rules } from '../../request.js';
import { stateDirectoryFor } from '../state.js';

/** A server of which a snapshot is to be taken: the one that is running, or its root mounted elsewhere. */
export interface Server {
  readonly root: string;
  readonly kind: 'host' | 'directory';
  readonly stateDirectory: string;
}

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

/** @throws {UsageError} for what is no root directory */
export async function serverAt(root = '/'): Promise<Server> {
  const kind = await detectKind(root);
  if (kind === 'tarball') {
    throw new UsageError('wrong-kind', `${root} is no server: it is a ${kind}`, {
      hint: `"hallmark prepare ${root}" repairs an image.`,
    });
  }
  return { root, kind, stateDirectory: stateDirectoryFor(kind) };
}

/** What is recorded in a server; undefined when nothing is. @throws {ImageError} code `bad-record` */
export async function recordOf({ root, kind }: Server): Promise<VpnRecord | undefined> {
  await using image = await openImage(root, [], kind);
  return await factsOf(image)(vpnRecord);
}
