import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ImageError } from '../errors.js';
import type { Change, GuestPath } from '../image.js';
import type { LayerSource } from '../sandbox/layer.js';
import { type ProgramResult, Programs, type ReadOnlyBind } from '../sandbox/program.js';
import { type Requirements, assertPossible, tarballPrograms } from '../sandbox/requirements.js';
import { makeWorkFolder } from '../sandbox/work-folder.js';
import type { Installation } from './manager.js';

export interface RunInstallation {
  readonly signal?: AbortSignal;
  /** Told every line that the programs say. */
  readonly onLine?: (line: string) => void;
}

/** What an installation made of an image. The contents of the changes are there until it is disposed. */
export interface InstalledLayer extends AsyncDisposable {
  /** From the image, with `before` in it. */
  readonly changes: readonly Change[];
}

/** Nobody is there to answer a question, and nothing is to be started: debconf(7), systemd(1). */
const environment = {
  DEBIAN_FRONTEND: 'noninteractive',
  DEBCONF_NONINTERACTIVE_SEEN: 'true',
  APT_LISTCHANGES_FRONTEND: 'none',
  SYSTEMD_OFFLINE: '1',
};

/** What {@link Programs} are run with. */
const programsNeeded: Requirements = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  mount: 'mount',
  bwrap: 'bubblewrap',
};

/**
 * Carries out an installation over a throw-away layer of an image.
 * @param before - changes that the image is to have first
 * @throws {ImageError} code `install-failed`, with what the package manager complained of; `not-root`; and as {@link Programs}
 */
export async function runInstallation(
  source: LayerSource,
  before: readonly Change[],
  installation: Installation,
  options: RunInstallation = {},
): Promise<InstalledLayer> {
  const { signal, onLine } = options;
  const unpacking = source.kind === 'tarball' ? tarballPrograms : {};
  assertPossible(
    { ...programsNeeded, ...unpacking },
    'programs of the image can be run only as root, who alone may mount and make namespaces',
  );
  using work = makeWorkFolder();
  const binds = [...installation.binds, ...filesIn(work.path, installation.files)];
  const { network } = installation;
  const programs = await Programs.open(source, { network, binds, ...(signal ? { signal } : {}) });
  try {
    await programs.write(before);
    for (const { program, args, good = [0] } of installation.commands) {
      const result = await programs.run(program, args, { env: environment, ...(onLine ? { onLine } : {}) });
      if (!good.includes(result.exitCode)) throw failed(program, args, result);
    }
    const changes = await programs.changes();
    return { changes, [Symbol.asyncDispose]: () => programs[Symbol.asyncDispose]() };
  } catch (error) {
    await programs[Symbol.asyncDispose]();
    throw error;
  }
}

function filesIn(folder: string, files: Installation['files']): ReadOnlyBind[] {
  return Object.entries(files).map(([to, text], number) => {
    const from = join(folder, String(number));
    mkdirSync(folder, { recursive: true });
    writeFileSync(from, text);
    chmodSync(from, 0o755);
    return { from, to: to as GuestPath };
  });
}

/** What package managers say of what is wrong, apart from how they get on. */
const complaint =
  /^(?:E|W|error|Error|dpkg: error|dpkg: dependency|Problem|Fatal|Curl error)\b|\bdepends on |^ \S+ : (?:Pre-)?Depends: |^\s*Package \S+ is not |is needed by|nothing provides|scriptlet failed|returned error|No space left/i;

function failed(program: string, args: readonly string[], { exitCode, tail }: ProgramResult): ImageError {
  const said = tail.map((line) => line.trim()).filter((line) => line !== '');
  const complaints = said.filter((line) => complaint.test(line)).slice(0, 4);
  const why = complaints.length > 0 ? complaints.join(' ') : (said.at(-1) ?? 'no word of why');
  const name = program === '/bin/sh' ? 'the installation' : program.slice(program.lastIndexOf('/') + 1);
  const what = args.includes('update') ? `${name} update` : name;
  return new ImageError('install-failed', `${what} failed (exit ${exitCode}): ${why}`, {
    hint: 'Nothing of it was kept: the image is as it was.',
  });
}
