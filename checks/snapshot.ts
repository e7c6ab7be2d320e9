import { agentRunning } from './agent-running.js';
import type { Check } from './lib/check.js';
import { snapshotContents } from './snapshot-contents.js';
import { tunnelsPresent } from './tunnels-present.js';
import { xeRunning } from './xe-running.js';
import { xenstoreReachable } from './xenstore-reachable.js';

/**
 * Every rule that only `hallmark snapshot` asks, sorted by id, beside those of every image. They judge a moment of a
 * running server, or what makes one server this one: an image is judged by what it is, so that the same guest has the
 * same verdict as a tarball, a mounted root and the live host.
 */
export const snapshotChecks: readonly Check[] = [
  agentRunning,
  snapshotContents,
  tunnelsPresent,
  xeRunning,
  xenstoreReachable,
];
