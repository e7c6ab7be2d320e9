import { setTimeout as sleep } from 'node:timers/promises';
import { ImageError } from '../../../images/base/errors.js';
import { makeTunnelDevice } from '../../../images/sandbox/devices.js';
import { type Bind, Machine } from '../../../images/sandbox/machine.js';
import { clearLinks, endsOf, makeLink } from '../../../images/sandbox/network.js';
import { Sandbox } from '../../../images/sandbox/sandbox.js';
import { DirectorySource } from '../../../images/sources/directory.js';
import { network } from './cloud.js';

export type InitName = 'systemd' | 'sysv';

const limits = { memory: 1024 ** 3, processes: 1024, disk: 1024 ** 3 };

/** So that the console, which we keep for what goes wrong, has what services say: systemd(1). */
const toConsole = [
  'systemd.log_target=console',
  'systemd.log_color=0',
  'systemd.journald.forward_to_console=1',
];

/**
 * A server made of a root file system, which is only read. It can be booted again and again: what a boot writes is there
 * for the next one. It asks nothing of our own reading of the image, so that it can contradict it.
 */
export class Server implements AsyncDisposable {
  readonly console: string[] = [];
  #machine: Machine | undefined;
  #tunnelDevice: Bind | undefined;

  private constructor(
    readonly sandbox: Sandbox,
    private readonly init: InitName,
  ) {}

  static async open(root: string, init: InitName): Promise<Server> {
    return new Server(await Sandbox.open(new DirectorySource(root).layer, limits), init);
  }

  /** @param words - of the kernel's command line; a container's init takes its arguments for it */
  async boot(words: readonly string[], binds: readonly Bind[]): Promise<void> {
    const { namespaces, layer, group } = this.sandbox;
    this.console.length = 0;
    this.#tunnelDevice ??= await makeTunnelDevice(namespaces, layer.place);
    await clearLinks(namespaces, endsOf(network.device));
    await makeLink(namespaces, { name: network.device, mac: network.mac });
    const own = this.init === 'systemd' ? toConsole : [];
    this.#machine = await Machine.start(namespaces, layer, {
      group,
      payload: { init: [...own, ...words] },
      interfaces: [network.device],
      binds: [...binds, this.#tunnelDevice],
      hostName: 'image',
      unified: true,
      onLine: (line) => this.console.push(line),
    });
  }

  get machine(): Machine {
    if (!this.#machine) throw new Error('the server was not booted');
    return this.#machine;
  }

  /** As a power cut does it: what was written is there, and nothing was said. */
  async stop(): Promise<void> {
    await this.#machine?.[Symbol.asyncDispose]();
    this.#machine = undefined;
    // The first process of the next boot is looked for among those of the group: none of this one may be left.
    while (this.sandbox.group.processes().length > 0) await sleep(20);
  }

  /** What a program of the guest says; nothing when it cannot be run. */
  async ask(program: string, ...args: readonly string[]): Promise<string> {
    if (this.machine.isOver()) return '';
    try {
      const { stdout } = await this.machine.run(program, args);
      return stdout.trim();
    } catch (error) {
      if (error instanceof ImageError && error.code === 'program-failed') return '';
      throw error;
    }
  }

  /** Whether the init has nothing left to do. */
  async isSettled(): Promise<boolean> {
    if (this.machine.isOver()) return true;
    if (this.init === 'systemd') {
      const state = await this.ask('systemctl', 'is-system-running');
      return /^(?:running|degraded|maintenance)$/.test(state);
    }
    const entered = this.console.some((line) => line.includes('INIT: Entering runlevel'));
    const busy = /(?:^|\n)\S*(?:\/rc|\/rcS|startpar)(?:\s|$)/m;
    return entered && !busy.test(await this.commands());
  }

  /** What the init still waits for. */
  async pending(): Promise<string> {
    const jobs = await this.ask('systemctl', 'list-jobs', '--no-legend');
    const last = this.console.filter((line) => line.trim() !== '').slice(-3);
    return jobs.replaceAll(/\s+/g, ' ') || last.join(' / ') || 'nothing is on its console';
  }

  /** The command line of every process of the guest, a line each. */
  async commands(): Promise<string> {
    const lines = 'for each in /proc/[0-9]*/cmdline; do tr "\\0" " " <"$each" && echo; done 2>/dev/null';
    return this.ask('/bin/sh', '-c', lines);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.sandbox[Symbol.asyncDispose]();
  }
}
