import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A process of a made-up /proc. */
export interface MadeUpProcess {
  /** Its words; none is a thread of the kernel, or a zombie. */
  readonly words?: readonly string[];
  /** Where /proc/PID/exe points. */
  readonly exe?: string;
  /** A folder that is its root directory; the common one unless given, none when it may not be looked at. */
  readonly root?: string | undefined;
}

/** Makes a /proc with these processes below a folder. The looking process, "self", has the common root. */
export function plantProc(folder: string, processes: Readonly<Record<string, MadeUpProcess>>): string {
  const proc = join(folder, 'proc');
  const common = join(folder, 'root');
  mkdirSync(common, { recursive: true });
  const self: MadeUpProcess = { words: ['hallmark'] };
  const all: Readonly<Record<string, MadeUpProcess>> = { self, ...processes };
  for (const [pid, { words = [], exe, ...rest }] of Object.entries(all)) {
    const at = join(proc, pid);
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, 'cmdline'), words.map((word) => `${word}\0`).join(''));
    if (exe !== undefined) symlinkSync(exe, join(at, 'exe'));
    const root = 'root' in rest ? rest.root : common;
    if (root !== undefined) symlinkSync(root, join(at, 'root'));
  }
  return proc;
}

/** Makes the attributes of network interfaces below a folder, as sysfs has them. */
export function plantInterfaces(
  folder: string,
  interfaces: Readonly<Record<string, Readonly<Record<string, string>>>>,
): string {
  const at = join(folder, 'net');
  mkdirSync(at, { recursive: true });
  for (const [name, attributes] of Object.entries(interfaces)) {
    for (const [attribute, value] of Object.entries(attributes)) {
      const path = join(at, name, attribute);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${value}\n`);
    }
  }
  return at;
}
