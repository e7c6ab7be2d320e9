import type { GuestPath } from '../../images/image/image.js';
import type { AgentFate, Metadata } from './check.js';

/** The healthy guests that examples change, in words. */
export const exampleGuests = {
  'debian-12': 'Debian 12 with systemd, nova-agent 2.x, the guest utilities, and cloud-init off the network',
  'debian-6': 'Debian 6 with SysV init, nova-agent 1.39.1 and the guest utilities',
  'centos-7': 'CentOS 7 with systemd 219-19, nova-agent 1.39.1 and the guest utilities',
  'cloud-init': 'Debian 12 with systemd, cloud-init and ifupdown, without nova-agent',
} as const;

export type ExampleGuest = keyof typeof exampleGuests;

/** What a path holds: a text, a link, `true` for what its package put there, `false` for nothing. */
export type ExampleFile = string | boolean | { readonly link: string };

/** One state of a guest. */
interface ExampleState {
  /** Laid over the healthy guest. */
  readonly files?: Readonly<Record<GuestPath, ExampleFile>> | undefined;
  /** The image's properties, as `--metadata` gives them. */
  readonly metadata?: Metadata | undefined;
  /** What the running system shows: facts of this moment, by the names under which the check declares them. */
  readonly running?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * A fault and what it should look like instead. The check's page and `hallmark explain` print both, and the check's
 * test runs both. Each rule exports one, beside the check and not in it: the checks of an image are loaded by every
 * run, an example only where it is shown.
 */
export interface Example {
  readonly guest: ExampleGuest;
  /** What the server's disks hold, as fstab names it, where the check asks for it: all else is on none of them. */
  readonly disks?: readonly string[] | undefined;
  /** `--agent`, where the check asks about it. */
  readonly agentFate?: AgentFate | undefined;
  /** What fails, and every finding, word for word. */
  readonly bad: ExampleState & { readonly says: readonly [string, ...string[]] };
  /** What passes. */
  readonly good: ExampleState;
}
