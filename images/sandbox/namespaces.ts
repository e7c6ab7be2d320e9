import type { Readable } from 'node:stream';
import { ImageError } from '../base/errors.js';
import type { ExecOptions, ExecResult, RunningProgram } from '../base/exec.js';

/**
 * The first process: says its number (as the host has it, since /proc is still the host's), then only waits. Its
 * standard input is a pipe whose other end is ours alone, so however we end, it ends; and with it, as the first of its
 * process namespace, every process there, and every mount and network interface of the other namespaces.
 */
const holder = 'read -r pid rest </proc/self/stat && mount -t proc proc /proc && echo "$pid" && exec cat';

/**
 * Ctrl-C at a terminal reaches every process there. We answer it, and take things down in order: until then the namespaces must
 * stand. What is ignored stays ignored in every program that follows (execve(2)).
 */
const undisturbed = 'trap "" HUP INT QUIT TERM; exec "$@"';

/** Which of the namespaces a program of the host is run in. */
export type NamespaceSet = 'all' | 'network' | 'all but network';

/** nsenter's options for them. */
const flagsOf: Readonly<Record<NamespaceSet, readonly string[]>> = {
  all: ['--mount', '--net', '--pid', '--uts', '--ipc'],
  network: ['--net'],
  'all but network': ['--mount', '--pid', '--uts', '--ipc'],
};

/**
 * Private namespaces (mount, network, process, UTS and IPC) on the host, in which a sandbox is set up with programs of
 * the host. Nothing that is mounted, made or started there is seen outside, and all of it is gone when the namespaces are closed:
 * by its disposal, or by our end, whatever that is.
 */
export class Namespaces implements AsyncDisposable {
  private constructor(
    private readonly first: RunningProgram,
    /** The process that holds the namespaces, by the host's numbers. */
    readonly pid: number,
  ) {}

  /**
   * @throws {ImageError} code `missing-tool`, or `no-namespaces` when we may not make them
   */
  static async open(): Promise<Namespaces> {
    const { start } = await import('../base/exec.js');
    const unshare = ['unshare', ...flagsOf.all, '--fork', '--kill-child=KILL', '--propagation=private'];
    const first = await start('sh', ['-c', undisturbed, 'sh', ...unshare, 'sh', '-c', holder], {
      package: 'util-linux',
    });
    const said = await firstLine(first.output);
    first.output.resume();
    if (/^\d+$/.test(said)) return new Namespaces(first, Number(said));
    first.stop();
    await first.ended;
    throw new ImageError(
      'no-namespaces',
      `private namespaces cannot be made here: ${said || 'no reason was given'}`,
      {
        hint: 'Run Hallmark as root, outside of a container that forbids them.',
      },
    );
  }

  /** How the host reaches a path inside the namespaces. */
  hostPath(path: string): string {
    return `/proc/${this.pid}/root${path}`;
  }

  /**
   * Runs a program of the host in the namespaces to its end.
   * @throws {ImageError} as `run` does, and code `program-failed` unless it exits with 0
   */
  async run(
    program: string,
    args: readonly string[],
    options: NamespaceRunOptions = {},
  ): Promise<ExecResult> {
    const { run } = await import('../base/exec.js');
    const result = await run('nsenter', this.nsenter(program, args, options.enter), options);
    if (result.exitCode !== 0) {
      const [complaint = ''] = result.stderr.trim().split('\n');
      throw new ImageError('program-failed', `${program} failed: ${complaint || `exit ${result.exitCode}`}`);
    }
    return result;
  }

  /** Starts a program of the host in the namespaces, which goes on beside us. */
  async start(program: string, args: readonly string[], options: StartOptions = {}): Promise<RunningProgram> {
    const { start } = await import('../base/exec.js');
    const { entrances = [] } = options;
    // It must be in its group before it is itself: what it starts at once would be left out.
    const join =
      'for group in "$@"; do shift; [ "$group" = -- ] && break; echo $$ >"$group" || exit; done; exec "$@"';
    const inside = this.nsenter(program, args, options.enter);
    return start('sh', ['-c', join, 'sh', ...entrances, '--', 'nsenter', ...inside], options);
  }

  private nsenter(program: string, args: readonly string[], which: NamespaceSet = 'all'): string[] {
    return ['--target', String(this.pid), ...flagsOf[which], '--', program, ...args];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.first.stop();
    await this.first.ended;
  }
}

export interface NamespaceRunOptions extends ExecOptions {
  readonly enter?: NamespaceSet | undefined;
}

export interface StartOptions extends Pick<ExecOptions, 'env' | 'package'> {
  readonly enter?: NamespaceSet | undefined;
  /** The `cgroup.procs` files of groups that it is put into. */
  readonly entrances?: readonly string[] | undefined;
}

async function firstLine(output: Readable): Promise<string> {
  let text = '';
  for await (const chunk of output.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    text += chunk.toString();
    const end = text.indexOf('\n');
    if (end !== -1) return text.slice(0, end).trim();
  }
  return text.trim();
}
