import type { GuestPath, Image } from '../image/image.js';
import type { Gather } from '../guest/fact.js';

/** What brings VPNs up on a running server, by the tool that is asked. */
export const starterNames = ['systemctl', 'service', 'nmcli', 'ifupdown', 'networkd'] as const;
type StarterName = (typeof starterNames)[number];

/** A VPN that is up, and that the same tool can bring up again. */
export interface RunningVpn {
  readonly by: StarterName;
  /** What the tool calls it: a unit, the UUID of a connection, an interface. */
  readonly id: string;
  /** What people call it, where that is something else. */
  readonly name?: string | undefined;
}

/** Brings VPNs up on the running server and takes them down. */
export interface Starter {
  readonly name: StarterName;
  /** What it has brought up and can bring up again, sorted. @param image - the running system */
  running(image: Image, get: Gather): Promise<RunningVpn[]>;
  /** Nothing happens to what is up already. @throws {ImageError} code `program-failed`, with what the tool said */
  start(id: string): Promise<void>;
  /** @throws {ImageError} code `program-failed`, with what the tool said */
  stop(id: string): Promise<void>;
  /** Lets it know that files were put back, so that it does not go by what it read before. */
  reload(back: readonly GuestPath[]): Promise<void>;
}

const people: Readonly<Partial<Record<StarterName, string>>> = {
  nmcli: 'NetworkManager',
  ifupdown: 'ifupdown',
  networkd: 'systemd-networkd',
};

/** "openvpn@office.service", "office (NetworkManager)". */
export function vpnInWords({ by, id, name = id }: RunningVpn): string {
  const who = people[by];
  return who === undefined ? name : `${name} (${who})`;
}
