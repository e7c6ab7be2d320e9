import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Interface } from '../../pipeline/rehearse/scenario.js';
import { serveSocket } from '../../pipeline/rehearse/xenstore/serve.js';
import type { XenStore } from '../../pipeline/rehearse/xenstore/store.js';
import { sh } from './real-roots.js';

/**
 * In namespaces of its own: mounts what programs of a guest want to see, then runs the agent, which is
 * not process 1, or no signal could end it. The namespaces stay when it has ended.
 */
const start = `
root=$1 pty=$2 poll=$3
shift 3
mount --make-rprivate /
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/dev"
mkdir "$root/dev/xen"
for device in null random urandom; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
touch "$root/dev/xen/xenbus"
mount --bind "$pty" "$root/dev/xen/xenbus"
ip link set lo up
# Nobody else is there to have the same address, and to make sure takes ifup seconds.
echo 0 >/proc/sys/net/ipv6/conf/default/dad_transmits
for command; do $command; done
STAND_IN_POLL=$poll chroot "$root" /usr/bin/nova-agent --no-fork=True -o /var/log/nova-agent.log -l info || true
exec sleep infinity
`;

/** A guest's agent, run without the guest's init, with a XenStore behind `/dev/xen/xenbus`. */
export class AgentAlone implements AsyncDisposable {
  private constructor(
    readonly socket: AsyncDisposable,
    readonly bridge: ChildProcess,
    readonly guest: ChildProcess,
  ) {}

  /**
   * @param folder - for the socket and the pty
   * @param poll - seconds
   * @param tunnel - whether there is a link without a hardware address
   */
  static async start(
    root: string,
    store: XenStore,
    folder: string,
    interfaces: readonly Interface[],
    { poll, tunnel = false }: { poll: number; tunnel: boolean | undefined },
  ): Promise<AgentAlone> {
    const socket = await serveSocket(store, join(folder, 'socket'));
    const link = join(folder, 'pty');
    const bridge = spawn('socat', [`PTY,rawer,link=${link}`, `UNIX-CONNECT:${join(folder, 'socket')}`], {
      stdio: 'inherit',
    });
    while (!existsSync(link)) await sleep(10);
    const commands = interfaces.flatMap((one) => adding(one).map((words) => words.join(' ')));
    if (tunnel) commands.push('ip tuntap add tun0 mode tun', 'ip link set tun0 up');
    const args = ['-m', '-n', '-u', '-p', '-f', '--kill-child', 'sh', '-e', '-c', start, 'sh'];
    const guest = spawn('unshare', [...args, root, realpathSync(link), String(poll), ...commands], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    return new AgentAlone(socket, bridge, guest);
  }

  /** Runs a program of the host in the guest's network, or by its host name. */
  run(...command: string[]): string {
    const { pid = 0 } = this.guest;
    const child = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return sh('nsenter', '-t', child, '-n', '-u', ...command);
  }

  add(one: Interface): void {
    for (const command of adding(one)) this.run(...command);
  }

  remove({ device }: Interface): void {
    this.run('ip', 'link', 'delete', device);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of [this.guest, this.bridge]) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await this.socket[Symbol.asyncDispose]();
  }
}

/** One end of a pair is the guest's; the other must be up, or there is no carrier. */
function adding({ device, mac }: Interface): string[][] {
  const outer = `out-${device}`;
  return [
    ['ip', 'link', 'add', device, 'address', mac, 'type', 'veth', 'peer', 'name', outer],
    ['ip', 'link', 'set', outer, 'up'],
  ];
}
