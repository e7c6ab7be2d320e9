import { type ChkconfigLine, parseChkconfigLine } from '../../../formats/chkconfig-line.js';
import { type LsbHeader, lsbFieldWords, parseLsbHeader } from '../../../formats/lsb-header.js';
import type { GuestPath, Image } from '../../../image/image.js';
import { baseName, join } from '../../../image/resolve.js';
import { type Layout } from './layout.js';

/** A script of /etc/init.d, and what it says about itself. */
export interface Script {
  readonly name: string;
  /** In /etc/init.d; it may be a link (1.x of the agent installs itself so). */
  readonly path: GuestPath;
  /** undefined: a link that leads nowhere. */
  readonly realPath: GuestPath | undefined;
  readonly executable: boolean;
  /** undefined: neither the script nor an override has a block. */
  readonly header: LsbHeader | undefined;
  /** The file whose block counts: the script, or an override in its place. */
  readonly headerPath: GuestPath;
  readonly fromOverride: boolean;
  readonly chkconfig: ChkconfigLine | undefined;
  /** The words of Provides; the script's name when there are none. */
  readonly facilities: readonly string[];
  /** Made for OpenRC: insserv gives such a script a header of its own. */
  readonly openrc: boolean;
}

/** Where insserv looks for a block that takes the place of a script's own, in this order. */
const overrideDirectories: readonly GuestPath[] = ['/etc/insserv/overrides', '/usr/share/insserv/overrides'];

/** Upstart's stand-in for jobs that were init scripts once. */
const upstartJob = '/lib/init/upstart-job';

/**
 * Every init script, sorted by name. A file that nothing can execute counts only when it claims to be a script
 * (by a header, a chkconfig line, a link in a runlevel) or is a link.
 * @param linked - names that have links in a runlevel
 */
export async function readScripts(
  image: Image,
  layout: Layout,
  linked: ReadonlySet<string>,
): Promise<Script[]> {
  const scripts: Script[] = [];
  for (const { name, type } of (await image.readDir(layout.scripts)) ?? []) {
    if (!isScriptName(name) || (type !== 'file' && type !== 'link')) continue;
    const path = join(layout.scripts, name);
    const target = type === 'link' ? await image.readLink(path) : undefined;
    // A link to a neighbour is another name of it; insserv passes it over, too.
    if (target !== undefined && (!target.includes('/') || target === upstartJob)) continue;
    const script = await readScript(image, path, name);
    if (script && (script.executable || claims(script) || type === 'link' || linked.has(name)))
      scripts.push(script);
  }
  return scripts;
}

async function readScript(image: Image, path: GuestPath, name: string): Promise<Script | undefined> {
  const realPath = await image.realPath(path);
  const entry = realPath ? await image.lstat(realPath) : undefined;
  if (entry && entry.type !== 'file') return undefined;
  const text = realPath ? ((await image.readText(realPath)) ?? '') : '';
  const override = await readOverride(image, baseName(realPath ?? path));
  const own = parseLsbHeader(text);
  const header = override?.header ?? own;
  const facilities = lsbFieldWords(header, 'Provides', true);
  return {
    name,
    path,
    realPath,
    executable: entry !== undefined && (entry.mode & 0o100) !== 0,
    header,
    headerPath: override?.path ?? path,
    fromOverride: override !== undefined,
    chkconfig: parseChkconfigLine(text),
    facilities: facilities.length > 0 ? facilities : [name],
    openrc: /^#![ \t]*\/(?:usr\/)?sbin\/openrc-run/.test(text),
  };
}

async function readOverride(
  image: Image,
  name: string,
): Promise<{ path: GuestPath; header: LsbHeader } | undefined> {
  for (const directory of overrideDirectories) {
    const path = join(directory, name);
    if ((await image.stat(path))?.type !== 'file') continue;
    const header = parseLsbHeader((await image.readText(path)) ?? '');
    if (header?.end !== undefined) return { path, header };
  }
  return undefined;
}

function claims(script: Script): boolean {
  return script.header !== undefined || script.chkconfig !== undefined;
}

/** Files that are no services, or that belong to init itself (insserv(8), and what update-rc.d leaves alone). */
const notScripts = /^(?:README|Makefile|skeleton|powerfail)|^(?:core|rx|rc|rcS|functions)$/;

/** What package managers, editors and version control leave behind. */
const leftOver =
  /\.(?:rpm[^.]*|ba[^.]*|dpkg[^.]*|ucf[^.]*|old|new|org|orig|save|swp|core)$|,v$|~$|^[$.#%_+\-\\*[\]^:()~]/;

export function isScriptName(name: string): boolean {
  return !notScripts.test(name) && !leftOver.test(name);
}
