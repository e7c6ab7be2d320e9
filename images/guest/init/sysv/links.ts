import type { GuestPath, Image } from '../../../image/image.js';
import { baseName, join } from '../../../image/resolve.js';
import { type Layout, type Runlevel, runlevels } from './layout.js';

/** A start or kill link of a runlevel: `/etc/rc2.d/S20nova-agent`. */
export interface RunlevelLink {
  readonly level: Runlevel;
  readonly path: GuestPath;
  readonly kind: 'S' | 'K';
  readonly number: number;
  /** The script's name, as the link's own name gives it. */
  readonly script: string;
  /** Where it leads in the end; undefined when it leads nowhere. */
  readonly leadsTo: GuestPath | undefined;
  /** Whether what it leads to can be executed. */
  readonly works: boolean;
}

/** Every link of every runlevel, in the order of the runlevels, then by the script's name, kind and number. */
export async function readLinks(image: Image, layout: Layout): Promise<RunlevelLink[]> {
  const links: RunlevelLink[] = [];
  for (const level of runlevels) {
    const directory = layout.directory(level);
    const here: RunlevelLink[] = [];
    for (const { name } of (await image.readDir(directory)) ?? []) {
      const match = /^([SK])([0-9]{2})(.+)$/s.exec(name);
      if (match) here.push(await readLink(image, level, join(directory, name), match));
    }
    links.push(...here.sort(byScript));
  }
  return links;
}

/** The name of a link. */
export function linkName(kind: 'S' | 'K', number: number, script: string): string {
  return `${kind}${String(number).padStart(2, '0')}${script}`;
}

async function readLink(
  image: Image,
  level: Runlevel,
  path: GuestPath,
  [, kind, number, script]: RegExpExecArray,
): Promise<RunlevelLink> {
  const leadsTo = await image.realPath(path);
  const entry = leadsTo ? await image.lstat(leadsTo) : undefined;
  return {
    level,
    path,
    kind: kind === 'K' ? 'K' : 'S',
    number: Number(number),
    script: script ?? baseName(path).slice(3),
    leadsTo,
    works: entry?.type === 'file' && (entry.mode & 0o100) !== 0,
  };
}

function byScript(a: RunlevelLink, b: RunlevelLink): number {
  return compare(a.script, b.script) || compare(b.kind, a.kind) || a.number - b.number;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
