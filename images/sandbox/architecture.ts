import { closeSync, existsSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ImageError } from '../base/errors.js';
import type { GuestPath, Image } from '../image/image.js';

/** What a program is compiled for: e_machine of elf(5), by the name that qemu-user has for it. */
const machines: Readonly<Record<number, string>> = {
  3: 'i386',
  20: 'ppc',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x86_64',
  183: 'aarch64',
  243: 'riscv64',
};

/** What the processors of one also run. */
const alsoRuns: Readonly<Record<string, readonly string[]>> = { x86_64: ['i386'], aarch64: ['arm'] };

const headerSize = 20;

/** The machine that an ELF header names; undefined for anything but an ELF file. */
export function machineOf(header: Buffer): string | undefined {
  if (header.length < headerSize || !header.subarray(0, 4).equals(Buffer.from('\x7fELF', 'latin1')))
    return undefined;
  const number = header[5] === 2 ? header.readUInt16BE(18) : header.readUInt16LE(18);
  return machines[number] ?? `machine ${number}`;
}

/** Programs of which every guest that can be run has one. */
const shells: readonly GuestPath[] = ['/bin/sh', '/usr/bin/sh', '/bin/bash'];

/**
 * @throws {ImageError} code `foreign-architecture` when this host cannot run the guest's programs, neither itself nor
 *   through an emulator that binfmt_misc knows; `no-shell` when the guest has no shell to tell by
 */
export async function assertRunnable(image: Image): Promise<void> {
  const guest = await guestMachine(image);
  const host = machineOf(headerOf('/proc/self/exe')) ?? '';
  if (guest === host || alsoRuns[host]?.includes(guest) || isEmulated(guest)) return;
  throw new ImageError(
    'foreign-architecture',
    `the image's programs are for ${guest}, and this host is ${host}`,
    {
      hint: 'Install qemu-user-static, which can run them here, or install packages without running them (--offline-install).',
    },
  );
}

async function guestMachine(image: Image): Promise<string> {
  for (const path of shells) {
    const real = await image.realPath(path);
    const size = real === undefined ? undefined : (await image.stat(real))?.size;
    if (real === undefined || size === undefined) continue;
    const machine = machineOf(await image.tree.read(real, size));
    if (machine !== undefined) return machine;
  }
  throw new ImageError('no-shell', 'the image has no shell, so none of its programs can be run');
}

/**
 * Whether the kernel hands such programs to an emulator. Only with the flag F does it open that on the host; otherwise
 * the guest would have to bring it (Documentation/admin-guide/binfmt-misc.rst).
 */
export function isEmulated(machine: string, folder = '/proc/sys/fs/binfmt_misc'): boolean {
  if (!existsSync(join(folder, 'status'))) return false;
  return readdirSync(folder)
    .filter((name) => name === `qemu-${machine}`)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .some((text) => text.startsWith('enabled\n') && /^flags: .*F/m.test(text));
}

function headerOf(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const header = Buffer.alloc(headerSize);
    readSync(file, header, 0, headerSize, 0);
    return header;
  } finally {
    closeSync(file);
  }
}
