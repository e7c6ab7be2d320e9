import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join as below } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { write } from '../image/change.js';
import { ImageError } from '../base/errors.js';
import { type ControlParagraph, parseControl } from '../formats/control.js';
import type { Change, GuestPath, Image } from '../image/image.js';
import { collapse, overlay } from '../image/overlay.js';
import { decode } from '../base/text.js';
import { obstacles } from './dependencies.js';
import { type PayloadEntry, payloadChanges, payloadOfTar } from './payload.js';

export const database = '/var/lib/dpkg';
export const statusLimit = 64 * 1024 * 1024;

/**
 * The changes that a Debian package makes when it is unpacked and put down as configured, without its scripts: its files,
 * its paragraph in dpkg's status, and what dpkg keeps of it in `info`.
 * @param folder - of the host, for what is unpacked in between
 * @param hint - what to do when a dependency is missing
 * @throws {ImageError} code `not-installable`, naming every dependency that is missing; `corrupt`
 */
export async function debChanges(
  image: Image,
  file: string,
  folder: string,
  hint: string,
): Promise<Change[]> {
  const members = await membersOf(file, folder);
  const scripts = await payloadOfTar(members.control);
  const [control] = parseControl(textOf(scripts, 'control') ?? '');
  if (!control?.get('package') || !control.get('version')) throw corrupt(file, 'it has no control file');
  const status = (await image.readText(`${database}/status`, statusLimit)) ?? '';
  const paragraphs = parseControl(status);
  refuseForeign(file, control, paragraphs);
  const wrong = obstacles(control, paragraphs);
  if (wrong.length > 0)
    throw new ImageError('not-installable', `${file} cannot be installed: ${wrong.join('; ')}`, { hint });
  const files = await payloadOfTar(members.data);
  const configuration = (textOf(scripts, 'conffiles') ?? '')
    .split('\n')
    .filter((line) => line.startsWith('/'));
  const laid = await payloadChanges(image, files, new Set(configuration));
  const view = await overlay(image, laid);
  const recorded = await recordChanges(view, control, scripts, files, configuration, status);
  return collapse([...laid, ...recorded]);
}

async function recordChanges(
  view: Image,
  control: ControlParagraph,
  scripts: readonly PayloadEntry[],
  files: readonly PayloadEntry[],
  configuration: readonly string[],
  status: string,
): Promise<Change[]> {
  const name = control.get('package') ?? '';
  // Packages that can be there for several architectures at a time are kept by both: dpkg's "info" file names.
  const stem = control.get('multi-arch') === 'same' ? `${name}:${control.get('architecture') ?? ''}` : name;
  const info = (suffix: string): GuestPath => `${database}/info/${stem}.${suffix}`;
  const own = checksums(scripts, configuration);
  const changes: Change[] = [];
  const list = ['/.', ...files.map(({ path }) => path).filter((path) => path !== '/')];
  changes.push(...(await write(view, info('list'), `${list.join('\n')}\n`)));
  for (const { path, type, content, mode } of scripts) {
    const suffix = path.slice(1);
    if (type !== 'file' || suffix === 'control' || suffix === '') continue;
    changes.push(...(await write(view, info(suffix), content ?? '', { mode: mode & 0o111 ? 0o755 : 0o644 })));
  }
  const paragraph = paragraphOf(control, textOf(scripts, 'control') ?? '', own);
  changes.push(...(await write(view, `${database}/status`, withParagraph(status, name, control, paragraph))));
  return changes;
}

/** Each file of configuration with the MD5 of what the package brings, as dpkg compares by. */
function checksums(scripts: readonly PayloadEntry[], configuration: readonly string[]): string[] {
  const sums = new Map(
    (textOf(scripts, 'md5sums') ?? '').split('\n').map((line) => {
      const [sum = '', path = ''] = line.split(/\s+/, 2);
      return [`/${path}`, sum];
    }),
  );
  return configuration.map((path) => ` ${path} ${sums.get(path) ?? 'newconffile'}`);
}

/** A package's own control file, with what dpkg adds of its state. */
function paragraphOf(control: ControlParagraph, text: string, configuration: readonly string[]): string {
  const [first = '', ...rest] = text.trim().split('\n');
  const lines = [first, 'Status: install ok installed', ...rest];
  const description = lines.findIndex((line) => /^description:/i.test(line));
  if (configuration.length > 0)
    lines.splice(description < 0 ? lines.length : description, 0, 'Conffiles:', ...configuration);
  return control.size > 0 ? lines.join('\n') : '';
}

/** The status with a package's paragraph in the place of the one that it may have had. */
function withParagraph(status: string, name: string, control: ControlParagraph, paragraph: string): string {
  const others = paragraphsBut(
    status,
    (each) => each.get('package') === name && each.get('architecture') === control.get('architecture'),
  );
  return `${[...others, paragraph].join('\n\n')}\n\n`;
}

/** The paragraphs of dpkg's status as they are written, without those that are unwanted. */
export function paragraphsBut(status: string, unwanted: (paragraph: ControlParagraph) => boolean): string[] {
  return status.split(/\n{2,}/).flatMap((text) => {
    const [each] = parseControl(text);
    return each && !unwanted(each) ? [text.replace(/^\n+|\n+$/g, '')] : [];
  });
}

function refuseForeign(
  file: string,
  control: ControlParagraph,
  paragraphs: readonly ControlParagraph[],
): void {
  const wanted = control.get('architecture') ?? 'all';
  const guest = paragraphs.find((each) => each.get('package') === 'dpkg')?.get('architecture');
  if (wanted === 'all' || guest === undefined || wanted === guest) return;
  throw new ImageError('not-installable', `${file} is for ${wanted}, and the image is for ${guest}`);
}

function textOf(entries: readonly PayloadEntry[], name: string): string | undefined {
  const content = entries.find(({ path }) => path === `/${name}`)?.content;
  return content && decode(content);
}

interface Members {
  readonly control: string;
  readonly data: string;
}

const magic = '!<arch>\n';
const headerSize = 60;

/** Takes a .deb apart: an ar archive of debian-binary, control.tar and data.tar, each compressed in its own way (deb(5)). */
async function membersOf(file: string, folder: string): Promise<Members> {
  await using handle = await open(file);
  const found = new Map<string, string>();
  let at = magic.length;
  for (let count = 0; count < 16; count++) {
    const header = await readAt(handle, at, headerSize);
    if (header.length === 0) break;
    const name = header.toString('latin1', 0, 16).trim().replace(/\/$/, '');
    const size = Number(header.toString('latin1', 48, 58).trim());
    if (
      header.length < headerSize ||
      header.toString('latin1', 58, 60) !== '`\n' ||
      !Number.isSafeInteger(size)
    )
      throw corrupt(file, `it is damaged at byte ${at}`);
    const [, kind] = /^(control|data)\.tar(?:\.\w+)?$/.exec(name) ?? [];
    if (kind !== undefined) {
      const target = below(folder, `${kind}.tar`);
      const start = at + headerSize;
      if (size === 0) throw corrupt(file, `its ${name} is empty`);
      await pipeline(createReadStream(file, { start, end: start + size - 1 }), createWriteStream(target));
      found.set(kind, target);
    }
    at += headerSize + size + (size % 2);
  }
  const [control, data] = [found.get('control'), found.get('data')];
  if (control === undefined || data === undefined)
    throw corrupt(file, 'it has no control.tar or no data.tar');
  return { control, data };
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function corrupt(file: string, what: string): ImageError {
  return new ImageError('corrupt', `${file} is not a complete Debian package: ${what}`);
}
