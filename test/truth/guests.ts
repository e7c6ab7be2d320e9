import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { purgeCloudInit } from '../guests/real.js';
import { installStandIns } from '../guests/rehearsal/packages.js';
import { rootsFolder } from '../guests/roots.js';
import { hallmark } from '../support/command.js';
import { sh } from '../support/real-roots.js';
import type { Depth } from './boot/agent-server.js';
import type { InitName } from './boot/server.js';
import { Root } from './root.js';
import { type RpmGuest, el6, el7, el9, installRpmGuest } from '../guests/rpm.js';
import { putAgentOne } from './layouts.js';

/** A guest that works as it is. */
interface Guest {
  /** The real root that it is made of (test/guests/roots.ts), or packages that the real rpm lays down. */
  readonly root: string | RpmGuest;
  readonly init: InitName;
  readonly target: 'nova-agent' | 'cloud-init';
  /** How much of what the cloud asks can be tried in a container; nothing of a guest whose programs are stand-ins. */
  readonly depth: Depth | 'none';
  readonly what: string;
  readonly make: (root: Root) => Promise<void> | void;
}

export const agentUnit = 'python3-nova-agent.service';
export const xeUnit = 'xe-linux-distribution.service';
export const units = '/lib/systemd/system';
export const wants = '/etc/systemd/system/multi-user.target.wants';
export const agentProgram = '/usr/bin/nova-agent';

/** Images are made without an address in them. */
const loopback = 'auto lo\niface lo inet loopback\n';

/** An image has a kernel, and one of today has the device of XenStore without the guest utilities. */
const kernel = '/lib/modules/6.1.0-cloud-amd64';

async function withAgent(root: Root, init: InitName): Promise<void> {
  root.folder(kernel);
  await installStandIns(root.path, init, { poll: 1 });
  if (init === 'systemd') orderAfterUtilities(root);
}

/** The agent after the guest utilities, and those early enough for it: no cycle whatever else is in the boot. */
export function orderAfterUtilities(root: Root): void {
  root.put(
    `/etc/systemd/system/${xeUnit}.d/10-early.conf`,
    '[Unit]\nDefaultDependencies=no\nAfter=systemd-remount-fs.service\nConflicts=shutdown.target\nBefore=shutdown.target\n',
  );
  root.put(`/etc/systemd/system/${agentUnit}.d/10-order.conf`, `[Unit]\nAfter=${xeUnit}\n`);
}

const leaveNetworkToAgent = (root: Root): Root =>
  root.put('/etc/cloud/cloud.cfg.d/99-agent.cfg', 'network: {config: disabled}\npreserve_hostname: true\n');

const debianOf = (root: string, what: string): Guest => ({
  root,
  init: 'systemd',
  target: 'nova-agent',
  depth: 'whole',
  what: `${what}, ifupdown, nova-agent 2.x`,
  make: async (of) => {
    purgeCloudInit(of.path);
    of.put('/etc/network/interfaces', loopback);
    await withAgent(of, 'systemd');
  },
});

const bothOf = (root: string, what: string): Guest => ({
  ...debianOf(root, what),
  what: `${what}, ifupdown, nova-agent 2.x beside cloud-init, as the cloud's own images are`,
  make: async (of) => {
    leaveNetworkToAgent(of).put('/etc/network/interfaces', loopback);
    await withAgent(of, 'systemd');
  },
});

const cloudInitOf = (root: string, what: string, make: (of: Root) => void = () => undefined): Guest => ({
  root,
  init: 'systemd',
  target: 'cloud-init',
  depth: 'whole',
  what: `${what}, cloud-init alone`,
  make: (of) => {
    of.put('/etc/cloud/cloud.cfg.d/90_dpkg.cfg', 'datasource_list: [ ConfigDrive, None ]\n');
    make(of);
  },
});

/** A guest of the Red Hat family, prepared: its packages enable nothing of 2.x, and order nothing. */
const rpmOf = (root: RpmGuest, what: string): Guest => ({
  root,
  init: 'systemd',
  target: 'nova-agent',
  depth: 'none',
  what: `${root.name}, ${what}`,
  make: (of) => {
    const state = join(of.path, '..', 'state');
    const { status, stderr } = hallmark(['prepare', of.path, '--yes', '--target', 'nova-agent'], { state });
    // Whether that makes it golden is a row of its own.
    if (status !== 0 && status !== 1) throw new Error(`prepare: exit ${status}\n${stderr}`);
  },
});

const enable = (root: Root, ...unitNames: readonly string[]): void => {
  sh('systemctl', `--root=${root.path}`, '--quiet', 'enable', ...unitNames);
};

const disable = (root: Root, ...unitNames: readonly string[]): void => {
  sh('systemctl', `--root=${root.path}`, '--quiet', 'disable', ...unitNames);
};

export const guests = {
  debian11: debianOf('elder', 'Debian 11'),
  debian12: debianOf('systemd', 'Debian 12'),
  debian13: debianOf('trixie', 'Debian 13'),
  'debian12-both': bothOf('systemd', 'Debian 12'),
  'debian13-both': bothOf('trixie', 'Debian 13'),
  'debian12-sysv': {
    root: 'sysv',
    init: 'sysv',
    target: 'nova-agent',
    depth: 'whole',
    what: 'Debian 12 with SysV init, ifupdown, nova-agent 2.x',
    make: async (root) => {
      root.put('/etc/network/interfaces', loopback);
      await withAgent(root, 'sysv');
    },
  },
  'debian12-agent1': {
    root: 'sysv',
    init: 'sysv',
    target: 'nova-agent',
    depth: 'whole',
    what: 'Debian 12 with SysV init, nova-agent 1.x in the layout of its installer',
    make: async (root) => {
      root.put('/etc/network/interfaces', loopback);
      await withAgent(root, 'sysv');
      root.take(kernel);
      putAgentOne(root);
    },
  },
  'debian13-vpns': {
    root: 'vpn',
    init: 'systemd',
    target: 'nova-agent',
    depth: 'tunnel',
    what: 'Debian 13 with every VPN of Debian, NetworkManager, nova-agent 2.x',
    make: async (root) => {
      root.put('/etc/network/interfaces', loopback);
      await withAgent(root, 'systemd');
    },
  },
  'debian11-ci': cloudInitOf('elder', 'Debian 11, ifupdown'),
  'debian12-ci': cloudInitOf('systemd', 'Debian 12, ifupdown'),
  'debian13-ci': cloudInitOf('trixie', 'Debian 13, ifupdown'),
  'debian12-ci-netplan': cloudInitOf('networks', 'Debian 12, netplan with networkd', (root) => {
    disable(root, 'NetworkManager.service');
    enable(root, 'systemd-networkd.service');
    // netplan has networkd match by the permanent address of the hardware, which the interface of a container lacks.
    const sed = 'sed -i s/PermanentMACAddress/MACAddress/ /run/systemd/network/*.network';
    root.put(
      '/etc/systemd/system/systemd-networkd.service.d/container.conf',
      `[Service]\nExecStartPre=-+/bin/sh -c '${sed}'\n`,
    );
  }),
  'debian12-ci-networkd': cloudInitOf('networks', 'Debian 12, networkd', (root) => {
    disable(root, 'NetworkManager.service');
    root.run('dpkg', '--purge', '--force-depends', 'netplan.io');
    enable(root, 'systemd-networkd.service');
  }),
  'debian12-ci-nm': cloudInitOf('networks', 'Debian 12, NetworkManager', (root) => {
    root.run('dpkg', '--purge', '--force-depends', 'netplan.io');
  }),
  'debian12-netplan': {
    ...debianOf('networks', 'Debian 12'),
    depth: 'start',
    what: 'Debian 12, netplan with networkd, nova-agent 2.x',
    make: async (root) => {
      purgeCloudInit(root.path);
      disable(root, 'NetworkManager.service');
      enable(root, 'systemd-networkd.service');
      await withAgent(root, 'systemd');
    },
  },
  el6: rpmOf(el6, 'nova-agent 1.x, scripts run by upstart'),
  el7: rpmOf(el7, 'nova-agent 1.x as a script under systemd 219'),
  el9: rpmOf(el9, 'nova-agent 2.x as its own RPM'),
} satisfies Readonly<Record<string, Guest>>;

export type GuestName = keyof typeof guests;

/** What Debian's openstack client prints of an image that lives by cloud-init. */
export const goodProperties =
  '{"name": "image", "properties": {"img_config_drive": "mandatory", "vm_mode": "hvm", "xenapi_use_agent": "False"}}';

/**
 * The guests of a run, each made once from its real root and laid as one overlay over it. A copy for a row is one more
 * layer over both, so that none is an overlay of an overlay: the kernel stacks two, and a sandbox adds one.
 */
export class Guests implements Disposable {
  readonly scratch = mkdtempSync(join(tmpdir(), 'hallmark-truth-'));
  readonly #mounted = new Set<string>();
  readonly #roots = new Map<string, string>();
  readonly #layers = new Map<GuestName, Promise<string>>();
  #count = 0;

  /** A copy of a guest, which is given back with {@link release}. */
  async copy(name: GuestName): Promise<Root> {
    let layers = this.#layers.get(name);
    if (!layers) {
      layers = this.#make(name);
      this.#layers.set(name, layers);
    }
    return this.#mount(await layers).root;
  }

  async #make(name: GuestName): Promise<string> {
    const guest: Guest = guests[name];
    const below = this.#unpack(guest.root);
    const { root, upper } = this.#mount(below);
    await guest.make(root);
    sh('umount', root.path);
    this.#mounted.delete(root.path);
    return `${upper}:${below}`;
  }

  #unpack(what: string | RpmGuest): string {
    const name = typeof what === 'string' ? what : what.name.replaceAll(' ', '-');
    const there = this.#roots.get(name);
    if (there !== undefined) return there;
    if (typeof what !== 'string') {
      const made = installRpmGuest(this, what);
      this.#roots.set(name, made);
      return made;
    }
    const path = this.folder(name);
    sh('tar', '--xattrs', '-C', path, '-xpf', join(rootsFolder, `${name}.tar`));
    this.#roots.set(name, path);
    return path;
  }

  #mount(below: string): { root: Root; upper: string } {
    const place = this.folder('copy');
    const [upper, work, merged] = ['upper', 'work', 'merged'].map((part) => join(place, part)) as [
      string,
      string,
      string,
    ];
    for (const path of [upper, work, merged]) mkdirSync(path);
    const options = `lowerdir=${below},upperdir=${upper},workdir=${work}`;
    sh('mount', '-t', 'overlay', 'overlay', '-o', options, merged);
    this.#mounted.add(merged);
    return { root: new Root(merged), upper };
  }

  release({ path }: Root): void {
    sh('umount', path);
    this.#mounted.delete(path);
    rmSync(join(path, '..'), { recursive: true });
  }

  /** An empty folder. */
  folder(name: string): string {
    const path = join(this.scratch, `${name}-${this.#count++}`);
    mkdirSync(path);
    return path;
  }

  /** Every guest with what it is. */
  readonly described = Object.entries(guests).map(([name, { what }]) => [name, what] as const);

  [Symbol.dispose](): void {
    // What a boot that was cut short still holds is let go with it.
    for (const merged of this.#mounted) sh('umount', '--lazy', merged);
    rmSync(this.scratch, { recursive: true });
  }
}
