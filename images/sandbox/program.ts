import { statfsSync } from 'node:fs';
import { posix } from 'node:path';
import { ImageError } from '../base/errors.js';
import type { RunningProgram } from '../base/exec.js';
import type { Change, GuestPath, Image } from '../image/image.js';
import { openDirectory } from '../image/directory.js';
import { parentOf } from '../image/resolve.js';
import { Sandbox, type SandboxLimits } from './sandbox.js';
import { assertRunnable } from './architecture.js';
import { layerChanges } from './layer-changes.js';
import type { LayerSource } from '../sources/source.js';
import { writeThrough } from './layer-write.js';
import { tellLines } from './lines.js';

/** A file or folder of the host that the guest's programs may read. */
export interface ReadOnlyBind {
  readonly from: string;
  /** Where the guest sees it. Nothing of it is in the image afterwards, though it may hide a file of that name. */
  readonly to: GuestPath;
}

export interface ProgramsOptions {
  readonly limits?: Partial<SandboxLimits> | undefined;
  readonly binds?: readonly ReadOnlyBind[] | undefined;
  /** When it aborts, what runs is ended and its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

export interface ProgramOptions {
  /** `host`: it reaches what the host reaches, the host's own services included. None unless given. */
  readonly network?: 'none' | 'host' | undefined;
  /** All that the program finds in its environment, beside PATH, HOME and LC_ALL=C. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds; half an hour unless given. */
  readonly timeout?: number | undefined;
  /** Told every line that it says, on standard output and standard error alike. */
  readonly onLine?: ((line: string) => void) | undefined;
}

export interface ProgramResult {
  readonly exitCode: number;
  /** The last lines that it said. */
  readonly tail: readonly string[];
}

const mebibyte = 1024 * 1024;
const defaults = { memory: 4096 * mebibyte, processes: 2000, disk: 2048 * mebibyte };
const mostFiles = 500_000;
const tailLength = 30;

/**
 * What the scriptlets of packages need, on the files of the guest alone: owners and modes, other users' files, becoming
 * another user, capabilities of files. Nothing that reaches beyond: no mounts, devices, modules, network settings, raw
 * input and output, other systems' processes, nor file handles (CAP_DAC_READ_SEARCH), which lead around a mount.
 */
const capabilities = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETFCAP',
  'CAP_SYS_CHROOT',
];

/** Where the sandbox has file systems of its own. */
const ownFolders: readonly GuestPath[] = ['/proc', '/dev', '/run', '/tmp'];

/** Settings of the running kernel, which root may write without any capability: proc(5). */
const kernelSettings = ['/proc/sys', '/proc/sysrq-trigger', '/proc/irq', '/proc/bus', '/proc/fs'];

/**
 * Programs of a guest over a throw-away layer: what they write is read back as changes, and the image stays as it is.
 * They run in bubblewrap, which gives them exactly the capabilities it is told, and adds nothing to the tree but mount
 * points; systemd-nspawn, which boots guests, would complete the tree to one that can be booted.
 *
 * They keep the users that they have, since owners are part of what they write: what holds them is the capabilities that
 * they lack, and that nothing of the host is mounted.
 */
export class Programs implements AsyncDisposable {
  #hadNetwork = false;

  private constructor(
    private readonly sandbox: Sandbox,
    private readonly lower: Image,
    private readonly options: ProgramsOptions,
    private readonly mounts: Mounts,
  ) {}

  /**
   * @throws {ImageError} code `no-namespaces` without root, `missing-tool`, `foreign-architecture`, `no-shell`, or
   *   `unsupported` when a folder that the sandbox needs for itself is something else in the guest
   */
  static async open(source: LayerSource, options: ProgramsOptions = {}): Promise<Programs> {
    const limits = { ...defaults, ...options.limits };
    const sandbox = await Sandbox.open(source, limits, { whole: true, files: mostFiles });
    let lower: Image | undefined;
    try {
      lower = openDirectory(sandbox.namespaces.hostPath(sandbox.layer.parts[0]?.lower ?? '/'));
      await assertRunnable(lower);
      return new Programs(sandbox, lower, options, await mountsFor(lower, options));
    } catch (error) {
      await lower?.[Symbol.asyncDispose]();
      await sandbox[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Changes the guest before anything is run: the programs find it so, and it is among what {@link changes} tells. */
  write(changes: readonly Change[]): Promise<void> {
    return writeThrough(this.root, changes);
  }

  /**
   * Runs a program of the guest to its end; whatever it started ends with it. An exit code other than 0 is an answer.
   * @throws {ImageError} code `program-failed` when it took too long, or could not be started
   * @throws {ImageError} code `no-space` when the layer is full at its end, which it may not have noticed
   */
  async run(program: string, args: readonly string[], options: ProgramOptions = {}): Promise<ProgramResult> {
    const { signal } = this.options;
    const { network = 'none' } = options;
    signal?.throwIfAborted();
    this.#hadNetwork ||= network === 'host';
    const running = await this.sandbox.namespaces.start(
      'bwrap',
      [...this.#arguments(options), '--', program, ...args],
      {
        package: 'bubblewrap',
        entrances: this.sandbox.group.entrances,
        enter: network === 'host' ? 'all but network' : 'all',
      },
    );
    running.stdin.end();
    const ended = await this.#watch(running, program, options);
    if (this.#isFull()) {
      throw new ImageError('no-space', `${program} filled all the space that the sandbox has for changes`, {
        hint: 'Nothing was kept; the image is as it was.',
      });
    }
    return ended;
  }

  /**
   * What was written, as changes: see {@link layerChanges}. Their contents are there as long as the sandbox is.
   * @throws {ImageError} code `unsupported-change` for what no change can express
   */
  changes(): Promise<Change[]> {
    const parts = this.sandbox.layer.parts.map(({ at, lower, upper }) => ({
      at,
      lower: this.sandbox.namespaces.hostPath(lower),
      upper: this.sandbox.namespaces.hostPath(upper),
    }));
    const { made, resolver } = this.mounts;
    return layerChanges(parts, resolver && this.#hadNetwork ? [...made, resolver] : made);
  }

  /** How the host reaches the guest's root file system, as its programs left it. */
  get root(): string {
    return this.sandbox.root;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lower[Symbol.asyncDispose]();
    await this.sandbox[Symbol.asyncDispose]();
  }

  #arguments({ env, network }: ProgramOptions): string[] {
    const { resolver } = this.mounts;
    const environment = {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: '/root',
      LC_ALL: 'C',
      ...env,
    };
    return [
      ...['--bind', this.sandbox.layer.root, '/'],
      ...this.mounts.arguments,
      ...(network === 'host' && resolver ? ['--ro-bind', '/etc/resolv.conf', resolver] : []),
      ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--hostname', 'hallmark'],
      ...['--die-with-parent', '--new-session', '--chdir', '/'],
      ...['--cap-drop', 'ALL', ...capabilities.flatMap((name) => ['--cap-add', name])],
      ...Object.entries(environment).flatMap(([name, value]) => ['--setenv', name, value]),
    ];
  }

  async #watch(running: RunningProgram, program: string, options: ProgramOptions): Promise<ProgramResult> {
    const { signal } = this.options;
    const { timeout = 30 * 60_000, onLine } = options;
    const tail: string[] = [];
    tellLines(running, (line) => {
      tail.push(line);
      if (tail.length > tailLength) tail.shift();
      onLine?.(line);
    });
    const deadline = AbortSignal.timeout(timeout);
    const end = (): void => {
      this.sandbox.group.kill();
      running.stop();
    };
    const either = AbortSignal.any([deadline, ...(signal ? [signal] : [])]);
    either.addEventListener('abort', end);
    try {
      const exitCode = await running.ended;
      signal?.throwIfAborted();
      if (deadline.aborted)
        throw new ImageError('program-failed', `${program} took longer than ${timeout} ms and was stopped`);
      return { exitCode, tail };
    } finally {
      either.removeEventListener('abort', end);
    }
  }

  #isFull(): boolean {
    const { bavail, ffree } = statfsSync(this.sandbox.namespaces.hostPath(this.sandbox.layer.upper));
    return bavail < 16 || ffree < 16;
  }
}

interface Mounts {
  /** bubblewrap's. */
  readonly arguments: readonly string[];
  /** What may appear in the layer though no program of the guest made it. */
  readonly made: readonly GuestPath[];
  /** Where the host's resolver is told to who has the network. */
  readonly resolver: GuestPath | undefined;
}

/**
 * bubblewrap follows links where it mounts, and before it has left the host's root: so every path it is given is one
 * that was resolved inside the guest, in which nothing runs yet.
 */
async function mountsFor(lower: Image, { binds = [] }: ProgramsOptions): Promise<Mounts> {
  for (const folder of ownFolders) {
    const type = (await lower.lstat(folder))?.type ?? 'directory';
    if (type !== 'directory')
      throw new ImageError('unsupported', `${folder} of the image is a ${type}, not a directory`);
  }
  const { existsSync } = await import('node:fs');
  const readOnly = (path: string): string[] => ['--ro-bind', path, path];
  const bound: { from: string; to: GuestPath }[] = [];
  for (const { from, to } of binds) bound.push({ from, to: await mountPoint(lower, to) });
  return {
    arguments: [
      ...['--proc', '/proc', ...kernelSettings.filter((path) => existsSync(path)).flatMap(readOnly)],
      ...['--dev', '/dev', '--tmpfs', '/run', '--dir', '/run/lock', '--perms', '1777', '--tmpfs', '/tmp'],
      ...bound.flatMap(({ from, to }) => ['--ro-bind', from, to]),
    ],
    made: [...ownFolders, ...bound.map(({ to }) => to)],
    resolver: await resolverPath(lower),
  };
}

async function mountPoint(lower: Image, path: GuestPath): Promise<GuestPath> {
  if (path.startsWith('/run/')) return path;
  const exact = await lower.locate(path);
  const type = (await lower.lstat(exact))?.type ?? 'file';
  if (type === 'file' && (await lower.lstat(parentOf(exact)))?.type === 'directory') return exact;
  throw new ImageError(
    'unsupported',
    `the sandbox needs a file at ${path}, where the image has something else`,
  );
}

/**
 * Where the guest looks for its resolver's configuration: often a link into /run, which is empty here.
 * @returns undefined when it can be nowhere: then no names are resolved
 */
async function resolverPath(lower: Image): Promise<GuestPath | undefined> {
  const path = '/etc/resolv.conf';
  if ((await lower.stat('/etc'))?.type !== 'directory') return undefined;
  const entry = await lower.lstat(path);
  if (entry?.type !== 'link') return lower.locate(path);
  const target = posix
    .resolve(parentOf(await lower.locate(path)), entry.target ?? '')
    .replace(/^\/var\/run\//, '/run/');
  if (target.startsWith('/run/')) return target as GuestPath;
  const real = await lower.realPath(path);
  return real !== undefined && (await lower.lstat(real))?.type === 'file' ? real : undefined;
}
