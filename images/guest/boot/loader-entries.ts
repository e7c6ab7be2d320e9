import { type LoaderSetting, parseLoaderSettings } from '../../formats/loader-entry.js';
import { wordsOfCommandLine } from '../../formats/kernel-cmdline.js';
import { compareRpmVersions } from '../../formats/version.js';
import { matches } from '../../formats/wildcard.js';
import type { GuestPath, Image } from '../../image/image.js';
import { baseName, join } from '../../image/resolve.js';
import { type GuestText, textAt, textsIn } from '../texts.js';
import type { BootEntry, BootMenu } from './entry.js';

/** An entry of the Boot Loader Specification. */
interface LoaderEntry {
  readonly file: GuestText;
  /** The file's name without `.conf` and without the counter of tries. */
  readonly id: string;
  readonly title: string;
  /** Undefined when the entry has none: GRUB then takes its own. */
  readonly options: readonly LoaderSetting[] | undefined;
  readonly sortKey: string | undefined;
  readonly version: string;
  /** Where the options stand, counted from 1. */
  readonly line: number;
}

/** The entries of one directory that start a Linux kernel. */
export async function loaderEntries(image: Image, folder: GuestPath): Promise<LoaderEntry[]> {
  const files = await textsIn(image, folder, (name) => name.endsWith('.conf'));
  return files.flatMap((file) => {
    const settings = parseLoaderSettings(file.text);
    const all = (key: string): LoaderSetting[] => settings.filter((setting) => setting.key === key);
    const last = (key: string): string | undefined => all(key).at(-1)?.value;
    // A unified image brings its own command line, and `efi` starts no kernel that would read one.
    if (!last('linux') && !last('options')) return [];
    const id = baseName(file.path)
      .slice(0, -'.conf'.length)
      .replace(/\+\d+(?:-\d+)?$/, '');
    const options = all('options');
    return {
      file,
      id,
      title: last('title') ?? id,
      options: options.length > 0 ? options : undefined,
      sortKey: last('sort-key'),
      version: last('version') ?? '',
      line: options[0]?.line ?? all('linux')[0]?.line ?? 1,
    };
  });
}

/** Newest first, by the file's name, as Fedora's patch to GRUB sorts them (grub2, commands/blscfg.c). */
export function grubOrder(a: LoaderEntry, b: LoaderEntry): number {
  return compareRpmVersions(b.id, a.id);
}

/**
 * The order of systemd-boot's menu (UAPI.1 Boot Loader Specification, "Sorting"): by sort-key, then the newest version;
 * entries without a sort-key come after those.
 */
function specifiedOrder(a: LoaderEntry, b: LoaderEntry): number {
  if ((a.sortKey === undefined) !== (b.sortKey === undefined)) return a.sortKey === undefined ? 1 : -1;
  if (a.sortKey !== undefined && b.sortKey !== undefined && a.sortKey !== b.sortKey)
    return a.sortKey < b.sortKey ? -1 : 1;
  const byVersion = a.sortKey === undefined ? 0 : compareRpmVersions(b.version, a.version);
  return byVersion || compareRpmVersions(b.id, a.id);
}

/** What systemd-boot offers from a file system that has `loader/entries`. Undefined when it has none. */
export async function systemdBootMenu(image: Image, root: GuestPath): Promise<BootMenu | undefined> {
  const found = (await loaderEntries(image, join(root, 'loader/entries'))).sort(specifiedOrder);
  if (found.length === 0) return undefined;
  const configuration: GuestPath = join(root, 'loader/loader.conf');
  const [text] = await textAt(image, configuration);
  // The last `default` is in force (loader.conf(5)); `@saved` is in a variable of the firmware.
  const wanted = parseLoaderSettings(text?.text ?? '').findLast(({ key }) => key === 'default')?.value;
  const entries = found.map(entryOf);
  const at =
    wanted === undefined
      ? -1
      : found.findIndex(({ id, file }) => matches(wanted, id) || matches(wanted, baseName(file.path)));
  return {
    path: text?.path ?? found[0]?.file.path ?? configuration,
    entries,
    chosen: entries[Math.max(at, 0)],
    waits: false,
    texts: [...found.map(({ file }) => file), ...(text ? [text] : [])],
  };
}

function entryOf({ file, title, options = [], line }: LoaderEntry): BootEntry {
  const words = options.flatMap((option) =>
    wordsOfCommandLine(option.value).map((word) => ({
      text: word,
      evidence: { path: file.path, line: option.line },
    })),
  );
  return { title, evidence: { path: file.path, line }, words };
}
