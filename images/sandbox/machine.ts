import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ImageError, systemCode } from '../base/errors.js';
import type { ExecOptions, ExecResult, RunningProgram } from '../base/exec.js';
import type { ControlGroup } from './control-group.js';
import { unprotect } from './immutable.js';
import type { Layer } from './layer.js';
import { tellLines } from './lines.js';
import type { Namespaces } from './namespaces.js';

/**
 * The guest's users are the host's users from here on: its root owns nothing on the host, whatever it reaches.
 * One range serves every sandbox, since none can reach another.
 */
export const userBase = 0x70000000;
const userCount = 65536;

/** A program that looks at a guest, or a guest's that is asked something, answers at once or not at all. */
const patienceMs = 10_000;

/** No answer that anybody waits for is longer: what says more is a guest that floods us. */
const mostSaid = 8 * 1024 * 1024;

/** How systemd-nspawn says that it could not give a file of the tree to the guest's users: an immutable one. */
const shiftRefused = /Failed to adjust UID\/GID shift of OS tree: Operation not permitted/;

/** A file or folder of the host that the guest sees at a path of its own. */
export interface Bind {
  readonly from: string;
  readonly to: string;
  readonly readOnly?: boolean | undefined;
}

export interface MachineOptions {
  readonly group: ControlGroup;
  /** What to start: the guest's init with these arguments, or a program of the guest beside a stub init. */
  readonly payload: { readonly init: readonly string[] } | { readonly program: readonly string[] };
  /** Network interfaces of the namespaces that are the guest's from the start. */
  readonly interfaces: readonly string[];
  readonly binds: readonly Bind[];
  readonly hostName: string;
  /** Whether the guest's init takes control groups of version 2 (systemd 233 and later). */
  readonly unified: boolean;
  /** Told every line of the guest's console. */
  readonly onLine: (line: string) => void;
}

/**
 * A guest that runs in a container of systemd-nspawn: its own users, processes, network, mounts and host name. What it
 * writes goes to the throw-away layer.
 */
export class Machine implements AsyncDisposable {
  private constructor(
    private readonly container: RunningProgram,
    private readonly group: ControlGroup,
    /** The guest's first process, by the host's number. */
    readonly leader: number,
  ) {}

  /** @throws {ImageError} code `missing-tool`; `no-boot` when its first process ended at once, with what it said */
  static async start(namespaces: Namespaces, layer: Layer, options: MachineOptions): Promise<Machine> {
    try {
      return await Machine.launch(namespaces, layer, options);
    } catch (error) {
      if (!(error instanceof ImageError) || !shiftRefused.test(error.message)) throw error;
      // For as long as the tree is given to the guest's users; then it finds them immutable again, as its image has them.
      await using _unprotected = await unprotect(namespaces, layer.root);
      await Machine.launch(namespaces, layer, {
        ...options,
        payload: nothing,
        binds: [],
        interfaces: [],
      }).then(
        async (machine) => machine[Symbol.asyncDispose](),
        (failure: unknown) => {
          if (failure instanceof ImageError && shiftRefused.test(failure.message)) throw error;
        },
      );
    }
    return Machine.launch(namespaces, layer, options);
  }

  private static async launch(
    namespaces: Namespaces,
    layer: Layer,
    options: MachineOptions,
  ): Promise<Machine> {
    const { payload, binds, interfaces, group } = options;
    // systemd-nspawn keeps its own things in /run, and asks udev about interfaces unless /sys is read-only.
    await namespaces.run('mount', ['-t', 'tmpfs', 'hallmark', '/run']);
    await namespaces.run('mount', ['-o', 'remount,bind,ro', '/sys']);
    const container = await namespaces.start(
      'systemd-nspawn',
      [
        `--directory=${layer.root}`,
        '--register=no',
        '--keep-unit',
        '--private-network',
        `--private-users=${userBase}:${userCount}`,
        '--private-users-ownership=chown',
        '--machine=hallmark',
        `--hostname=${options.hostName}`,
        '--resolv-conf=off',
        '--timezone=off',
        '--link-journal=no',
        '--console=read-only',
        ...interfaces.map((name) => `--network-interface=${name}`),
        ...binds.map(
          ({ from, to, readOnly }) => `--bind${readOnly ? '-ro' : ''}=${escape(from)}:${escape(to)}`,
        ),
        ...('init' in payload ? ['--boot', ...payload.init] : ['--as-pid2', '--', ...payload.program]),
      ],
      {
        package: 'systemd-container',
        entrances: group.entrances,
        env: options.unified ? { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' } : {},
      },
    );
    const last = tellLines(container, options.onLine);
    for (;;) {
      const leader = group.processes().find(isFirstIn(namespaces));
      if (leader !== undefined) return new Machine(container, group, leader);
      if (container.isOver())
        throw new ImageError('no-boot', `the guest could not be started: ${last() || 'no reason was given'}`);
      await sleep(10);
    }
  }

  /** Ends with the guest. */
  get ended(): Promise<unknown> {
    return this.container.ended;
  }

  isOver(): boolean {
    return this.container.isOver();
  }

  /** How the host reaches a path of the guest, as the guest's processes see it. */
  hostPath(path: string): string {
    return `/proc/${this.leader}/root${path}`;
  }

  /** The processes of the guest, by the host's numbers. */
  processes(): number[] {
    return this.group.processes().filter((pid) => pid !== this.container.pid);
  }

  /** Sends a signal, by its number, to the guest's first process. */
  signal(number: number): void {
    try {
      process.kill(this.leader, number);
    } catch (error) {
      if (systemCode(error) !== 'ESRCH') throw error; // it has ended
    }
  }

  /** Runs a program of the guest, inside. What it says is the guest's word. */
  async run(program: string, args: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    return this.enter(['--all'], program, args, options);
  }

  /** Runs a program of the host that sees the guest's network and host name, and else only the host. */
  async look(program: string, args: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    return this.enter(['--net', '--uts'], program, args, options);
  }

  private async enter(
    namespaces: readonly string[],
    program: string,
    args: readonly string[],
    options: ExecOptions,
  ): Promise<ExecResult> {
    const { run } = await import('../base/exec.js');
    const target = ['--target', String(this.leader), ...namespaces];
    return run('nsenter', [...target, '--', program, ...args], {
      maxOutput: mostSaid,
      ...options,
      timeout: options.timeout ?? patienceMs,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.group.kill();
    await this.container.ended;
  }
}

/** A program that no guest has: systemd-nspawn gives the tree to the guest's users, and ends. */
const nothing = { program: ['/hallmark-no-program'] } as const;

/** Whether a process is the first of a process namespace just below that of the namespaces: it has the number 1 there, and no other. */
function isFirstIn(namespaces: Namespaces): (pid: number) => boolean {
  const depth = numbersOf(namespaces.pid).length;
  return (pid) => {
    const numbers = numbersOf(pid);
    return numbers.length === depth + 1 && numbers.at(-1) === '1';
  };
}

/** A process's number in each of the namespaces that it is in, the outermost first: NSpid of proc_pid_status(5). */
function numbersOf(pid: number): string[] {
  try {
    const [, numbers = ''] = /^NSpid:\t(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return numbers.split('\t');
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ESRCH') return [];
    throw error;
  }
}

/** A colon separates the two paths of a bind: systemd-nspawn(1). */
function escape(path: string): string {
  return path.replace(/[\\:]/g, '\\$&');
}
