import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ImageError } from '../base/errors.js';
import type { Change, GuestPath } from '../image/image.js';
import type { LayerSource } from '../sources/source.js';
import { Programs, type ReadOnlyBind } from '../sandbox/program.js';
import { type Requirements, assertPossible } from '../sandbox/requirements.js';
import { makeWorkFolder } from '../sandbox/work-folder.js';
import type { GuestCommand, Installation, RunCommand } from './installation.js';

export interface RunInstallation {
  readonly signal?: AbortSignal | undefined;
  /** Told every line that the programs say. */
  readonly onLine?: ((line: string) => void) | undefined;
}

/** What an installation made of an image. The contents of the changes are there until it is disposed. */
export interface InstalledLayer extends AsyncDisposable {
  /** From the image, with `before` in it. */
  readonly changes: readonly Change[];
}

/** What a program says beyond is not read. */
const mostLines = 20_000;

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
  assertPossible(
    { ...programsNeeded, ...source.requires },
    'only root can run programs of the image: nobody else may mount and make namespaces',
  );
  using work = makeWorkFolder();
  const binds = [...installation.binds, ...filesIn(work.path, installation.files)];
  const programs = await Programs.open(source, { binds, signal });
  const run: RunCommand = async (command) => {
    const { program, args, network = 'none', good = [0], bad } = command;
    const lines: string[] = [];
    const result = await programs.run(program, args, {
      env: environment,
      network,
      onLine: (line) => {
        if (lines.length < mostLines) lines.push(line);
        onLine?.(line);
      },
    });
    const hasFailed = bad !== undefined && lines.some((line) => bad.test(line));
    if (good.includes(result.exitCode) && !hasFailed) return lines;
    throw failed(command, result.exitCode, lines.length < mostLines ? lines : result.tail, installation);
  };
  try {
    await programs.write(before);
    await installation.steps(run);
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
const complaint = new RegExp(
  [
    String.raw`^(?:E|W|error|dpkg: error|dpkg: dependency|Problem|Fatal|Curl error)\b`,
    String.raw`\bdepends on |\bDepends: |^\s*Package \S+ is not |is needed by|nothing provides`,
    'scriptlet failed|returned error|No space left',
    'packages via GPG keys|any GPG public keys|GPG check FAILED|Public key for |is unsigned',
    'Signature verification failed|Valid metadata not found',
  ].join('|'),
  'i',
);

/** Of those, that something is not there which a package needs. */
const missing = /\bdepends on |is needed by|nothing provides|unmet dependencies|dependency problems/i;

function failed(
  { program, args }: GuestCommand,
  exitCode: number,
  lines: readonly string[],
  { missingHint }: Installation,
): ImageError {
  const said = lines.map((line) => line.trim()).filter((line) => line !== '');
  const complaints = said.filter((line) => complaint.test(line));
  const errors = complaints.filter((line) => !line.startsWith('W: '));
  const telling = (errors.length > 0 ? errors : complaints).slice(0, 4);
  const why = telling.length > 0 ? telling.join(' ') : (said.at(-1) ?? 'no reason was given');
  const name = program === '/bin/sh' ? 'the installation' : program.slice(program.lastIndexOf('/') + 1);
  const [step] = args.filter((each) => /^(?:update|makecache|refresh)$/.test(each));
  const hint = missingHint !== undefined && missing.test(why) ? ` ${missingHint}` : '';
  return new ImageError(
    'install-failed',
    `${name}${step === undefined ? '' : ` ${step}`} failed (exit ${exitCode}): ${why.replace(/\.$/, '')}`,
    { hint: `Nothing was kept; the image is as it was.${hint}` },
  );
}
