import { realPathOf } from '../follow.js';
import type { GuestPath, Image } from '../../image/image.js';
import { isOlder } from './release.js';

/** The part of 2.x that configures a system of some kind: a module of novaagent/libs. */
type ServerType = 'alpine' | 'centos' | 'redhat' | 'debian';

/** The files by which 2.x tells the system, in its order (get_server_type() in novaagent/novaagent.py). */
const marks: readonly (readonly [GuestPath, ServerType])[] = [
  ['/etc/alpine-release', 'alpine'],
  ['/etc/centos-release', 'centos'],
  ['/etc/fedora-release', 'centos'],
  ['/etc/redhat-release', 'redhat'],
  ['/etc/debian_version', 'debian'],
];

export interface ServerKind {
  readonly type: ServerType;
  /** The file that decided. */
  readonly evidence: GuestPath;
}

/**
 * For what kind of system a 2.x agent takes a guest. It never reads os-release.
 * @returns undefined when it finds none of its files: it then ends as soon as it starts
 */
export async function serverKind(image: Image, version: string | undefined): Promise<ServerKind | undefined> {
  for (const [evidence, type] of marks) {
    if (type === 'alpine' && isOlder(version, '2.1.22')) continue;
    // As os.path.exists() does, this follows links: one that leads nowhere is not there.
    const real = await realPathOf(image, evidence);
    if (real !== undefined) return { type, evidence };
  }
  return undefined;
}
