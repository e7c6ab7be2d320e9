import { wordsOfCommandLine } from '../../formats/kernel-cmdline.js';
import { parseSyslinux } from '../../formats/syslinux-config.js';
import type { GuestPath, Image } from '../../image/image.js';
import { join, parentOf } from '../../image/resolve.js';
import { type GuestText, textAt } from '../texts.js';
import type { BootEntry, BootMenu, BootWord, Place } from './entry.js';
import { loaderFile } from './loader-files.js';

/** Files that one menu may include. */
const mostFiles = 32;

interface Label {
  readonly name: string;
  title: string;
  readonly evidence: Place;
  isKernel: boolean;
  /** Undefined: what stands before all labels counts. */
  append: readonly BootWord[] | undefined;
}

/**
 * What EXTLINUX, SYSLINUX or U-Boot offers (SYSLINUX documentation, "Config" and "Menu"): `default` names the label that
 * Enter starts, `ontimeout` the one that starts by itself, and `menu default` in a label is stronger than `default`
 * where a menu is shown.
 */
export async function syslinuxMenu(image: Image, path: GuestPath): Promise<BootMenu | undefined> {
  const texts: GuestText[] = [];
  const labels: Label[] = [];
  let common: readonly BootWord[] = [];
  let chosen: string | undefined;
  let inMenu: string | undefined;
  let onTimeout: string | undefined;
  let extra: readonly BootWord[] = [];
  const read = async (file: GuestPath, depth: number): Promise<void> => {
    const text = depth === 0 ? (await textAt(image, file))[0] : await loaderFile(image, file);
    if (!text || texts.length >= mostFiles || depth > mostFiles) return;
    texts.push(text);
    for (const { keyword, value, line } of parseSyslinux(text.text)) {
      const evidence: Place = { path: file, line };
      const label = labels.at(-1);
      const words = (value === '-' ? [] : wordsOfCommandLine(value)).map((word) => ({
        text: word,
        evidence,
      }));
      const included =
        keyword === 'include' ? value : /^include\s+(\S+)/i.exec(keyword === 'menu' ? value : '')?.[1];
      if (included)
        await read(
          included.startsWith('/') ? (included as GuestPath) : join(parentOf(file), included),
          depth + 1,
        );
      else if (keyword === 'label')
        labels.push({ name: value, title: value, evidence, isKernel: false, append: undefined });
      else if (keyword === 'default' || keyword === 'ontimeout') {
        if (keyword === 'default') [chosen, extra] = [words[0]?.text, words.slice(1)];
        else onTimeout = words[0]?.text;
      } else if (keyword === 'append') {
        if (label) label.append = words;
        else common = words;
      } else if (label && (keyword === 'kernel' || keyword === 'linux'))
        label.isKernel = !/\.(?:c32|com|cbt|img)$/i.test(value);
      else if (label && keyword === 'menu' && /^default\b/i.test(value)) inMenu = label.name;
      else if (label && keyword === 'menu' && /^label\s/i.test(value))
        label.title = value.replace(/^label\s+/i, '').replaceAll('^', '');
    }
  };
  await read(path, 0);
  if (texts.length === 0) return undefined;
  const wanted = onTimeout ?? inMenu ?? chosen;
  const entries = new Map<string, BootEntry>();
  for (const { name, title, evidence, isKernel, append } of labels)
    if (isKernel) entries.set(name, { title, evidence, words: append ?? common });
  const entry = (wanted === undefined ? undefined : entries.get(wanted)) ?? [...entries.values()][0];
  // Words behind the label of `default` are added to the command line.
  const added =
    entry && wanted === chosen && extra.length > 0 ? { ...entry, words: [...entry.words, ...extra] } : entry;
  return { path, entries: [...entries.values()], chosen: added, waits: false, texts };
}
