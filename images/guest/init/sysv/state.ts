import { type DependFile, parseDependFile } from '../../../formats/depend-file.js';
import { parseInitDefault } from '../../../formats/inittab.js';
import { type InsservConf, parseInsservConf } from '../../../formats/insserv-conf.js';
import type { GuestPath, Image } from '../../../image/image.js';
import { join } from '../../../image/resolve.js';
import { readBootEntries } from '../../boot/entries.js';
import type { BootWord } from '../../boot/entry.js';
import type { Evidence } from '../../evidence.js';
import { type Dialect, dialectOf, startsConcurrently } from './dialect.js';
import { type KernelRunlevel, kernelRunlevel } from './kernel-words.js';
import { type Layout, type Runlevel, layoutOf } from './layout.js';
import { type RunlevelLink, readLinks } from './links.js';
import { type Script, isScriptName, readScripts } from './scripts.js';

/** All that a guest's files say about its init scripts, as one reading. */
export interface Sysv {
  readonly image: Image;
  readonly layout: Layout;
  readonly dialect: Dialect;
  readonly scripts: ReadonlyMap<string, Script>;
  readonly links: readonly RunlevelLink[];
  readonly linksByScript: ReadonlyMap<string, readonly RunlevelLink[]>;
  readonly conf: InsservConf;
  /** What the boot leads to: what the kernel command line says, or else inittab. */
  readonly defaultRunlevel: { readonly runlevel: string; readonly evidence: Evidence | undefined };
  /** What inittab says. */
  readonly configuredRunlevel: Sysv['defaultRunlevel'];
  readonly kernel: { readonly sure: KernelRunlevel; readonly doubtful: readonly BootWord[] };
  /** Whether startpar orders the boot by .depend.start, not by the links' numbers. */
  readonly concurrent: boolean;
  readonly depend: Readonly<Record<DependName, DependFile | undefined>>;
}

export type DependName = 'boot' | 'start' | 'stop';

export function dependPath(name: DependName): GuestPath {
  return `/etc/init.d/.depend.${name}`;
}

/** @throws {ImageError} when a script, link or configuration file cannot be read */
export async function readSysv(image: Image): Promise<Sysv> {
  const layout = await layoutOf(image);
  const links = await readLinks(image, layout);
  const scripts = await readScripts(image, layout, new Set(links.map((link) => link.script)));
  const dialect = await dialectOf(image, layout);
  const { words, doubtful } = await readBootEntries(image);
  const sure = kernelRunlevel(words);
  const configuredRunlevel = await readDefaultRunlevel(image, dialect);
  const { level } = sure;
  return {
    image,
    layout,
    dialect,
    scripts: new Map(scripts.map((script) => [script.name, script])),
    links,
    linksByScript: byScript(links),
    conf: await readConf(image),
    defaultRunlevel: level ? { runlevel: level.runlevel, evidence: level.word.evidence } : configuredRunlevel,
    configuredRunlevel,
    kernel: { sure, doubtful },
    concurrent: await startsConcurrently(image),
    depend: {
      boot: await readDepend(image, 'boot'),
      start: await readDepend(image, 'start'),
      stop: await readDepend(image, 'stop'),
    },
  };
}

function byScript(links: readonly RunlevelLink[]): Map<string, RunlevelLink[]> {
  const groups = new Map<string, RunlevelLink[]>();
  for (const link of links) {
    const group = groups.get(link.script);
    if (group) group.push(link);
    else groups.set(link.script, [link]);
  }
  return groups;
}

/**
 * The makefile by which startpar passes over a script although a link would start it: it starts what the makefile's
 * targets name (booted: a link alone starts nothing). undefined where none is passed over.
 */
export function passedOverBy(sysv: Sysv, script: string, level: Runlevel): GuestPath | undefined {
  const name = level === 'S' ? 'boot' : 'start';
  const file = sysv.concurrent ? sysv.depend[name] : undefined;
  return file && !file.targets.includes(script) ? dependPath(name) : undefined;
}

/** The links that make a script start in a runlevel, or before all of them. */
export function startLinks(sysv: Sysv, script: string, level: Runlevel): readonly RunlevelLink[] {
  const links = sysv.linksByScript.get(script) ?? [];
  return links.filter((link) => link.kind === 'S' && link.level === level && link.works);
}

async function readConf(image: Image): Promise<InsservConf> {
  const texts = [(await image.readText('/etc/insserv.conf')) ?? ''];
  const directory: GuestPath = '/etc/insserv.conf.d';
  // insserv goes through them from the last to the first.
  for (const { name } of [...((await image.readDir(directory)) ?? [])].reverse()) {
    const path = join(directory, name);
    if (!isScriptName(name) || (await image.stat(path))?.type !== 'file') continue;
    texts.push((await image.readText(path)) ?? '');
  }
  return parseInsservConf(texts);
}

/** Without an inittab, the runlevel that the distribution boots into: 2 on Debian, 3 on the others. */
async function readDefaultRunlevel(image: Image, dialect: Dialect): Promise<Sysv['defaultRunlevel']> {
  const entry = parseInitDefault((await image.readText('/etc/inittab')) ?? '');
  if (entry) return { runlevel: entry.runlevel, evidence: { path: '/etc/inittab', line: entry.line } };
  return { runlevel: dialect === 'chkconfig' ? '3' : '2', evidence: undefined };
}

async function readDepend(image: Image, name: DependName): Promise<DependFile | undefined> {
  const text = await image.readText(dependPath(name));
  return text === undefined ? undefined : parseDependFile(text);
}
