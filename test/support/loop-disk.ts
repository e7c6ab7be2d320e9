import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { sh } from './real-roots.js';

/** A partition of a disk: its file system, how it is made, and where the guest has it. */
export interface Part {
  /** "ext4"; mkfs's own options after it. */
  readonly make: readonly [type: string, ...options: string[]];
  /** MiB. */
  readonly size: number;
  readonly at?: string;
}

/** A disk with partitions, in a file, attached as a loop device. */
export class LoopDisk implements Disposable {
  readonly device: string;

  constructor(
    private readonly folder: string,
    table: 'dos' | 'gpt',
    readonly parts: readonly Part[],
  ) {
    const file = join(folder, 'disk.img');
    closeSync(openSync(file, 'w'));
    truncateSync(file, (parts.reduce((sum, { size }) => sum + size, 0) + 8) * 1024 * 1024);
    const script = [`label: ${table}`, ...parts.map(({ size }) => `size=${size}MiB`)].join('\n');
    sh('sh', '-c', 'printf "%s\\n" "$1" | sfdisk --quiet "$2"', 'sh', script, file);
    this.device = sh('losetup', '--find', '--show', file).trim();
    sh('partx', '--add', this.device); // also where the kernel itself knows no partition tables
    parts.forEach(({ make: [type, ...options] }, at) => {
      if (type === 'swap') sh('mkswap', this.part(at + 1));
      else sh(`mkfs.${type}`, '-q', ...options, this.part(at + 1));
    });
  }

  part(number: number): string {
    return `${this.device}p${number}`;
  }

  id(number: number, tag: 'UUID' | 'PARTUUID'): string {
    const name = tag === 'UUID' ? 'UUID' : 'PART_ENTRY_UUID';
    return sh('blkid', '--probe', '--match-tag', name, '--output', 'value', this.part(number)).trim();
  }

  /** Mounts all of it for as long as some work lasts. @param options - of the root's mount */
  mounted<T>(work: (root: string) => T, options = 'rw'): T {
    const root = join(this.folder, 'mounted');
    mkdirSync(root, { recursive: true });
    const mounted: string[] = [];
    const mount = (number: number, at: string, how: string): void => {
      mkdirSync(at, { recursive: true });
      sh('mount', '-o', how, this.part(number), at);
      mounted.unshift(at);
    };
    try {
      const order = this.parts.map((part, at) => ({ ...part, number: at + 1 })).filter(({ at }) => at);
      for (const { at = '/', number } of order.sort((a, b) => (a.at ?? '').length - (b.at ?? '').length)) {
        mount(number, join(root, at), at === '/' ? options : (options.split(',')[0] ?? 'rw'));
      }
      return work(root);
    } finally {
      for (const at of mounted) sh('umount', at);
    }
  }

  [Symbol.dispose](): void {
    sh('partx', '--delete', this.device);
    sh('losetup', '--detach', this.device);
    rmSync(join(this.folder, 'disk.img'));
  }
}

/** The disks of a test. */
export class LoopDisks {
  readonly #made: LoopDisk[] = [];

  make(folder: string, table: 'dos' | 'gpt', parts: readonly Part[]): LoopDisk {
    const made = new LoopDisk(folder, table, parts);
    this.#made.push(made);
    return made;
  }

  /** Takes them away. @throws {AssertionError} when something of one is still mounted */
  release(): void {
    for (const disk of this.#made.splice(0)) {
      assert.deepEqual(mountsOf(disk.device), [], 'something of it is mounted');
      disk[Symbol.dispose]();
    }
  }
}

/** Every process's mounts of a device: a namespace that outlived us would show here. */
export function mountsOf(device: string): string[] {
  return sh('sh', '-c', 'cat /proc/[0-9]*/mountinfo 2>/dev/null || true')
    .split('\n')
    .filter((line) => line.includes(` ${device}p`) || line.includes(` ${device} `));
}

/** The hash of root in an image, held against a password by another program than made it. */
export function opensWith(password: string, root: string): boolean {
  const shadow = readFileSync(join(root, 'etc/shadow'), 'utf8');
  const [, hash = ''] = /^root:([^:]*):/m.exec(shadow) ?? [];
  const script = 'print crypt($ARGV[0], $ARGV[1]) eq $ARGV[1] ? "yes" : "no"';
  return existsSync(join(root, 'etc/shadow')) && sh('perl', '-e', script, password, hash) === 'yes';
}
