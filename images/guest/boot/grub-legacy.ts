import { parseGrubLegacy } from '../../formats/grub-legacy.js';
import { wordsOfCommandLine } from '../../formats/kernel-cmdline.js';
import type { GuestPath, Image } from '../../image/image.js';
import { join, parentOf } from '../../image/resolve.js';
import { textAt } from '../texts.js';
import type { BootEntry, BootMenu, BootWord, Place } from './entry.js';

/** What GRUB Legacy, or pygrub of a Xen host in its place, offers from a menu.lst (GRUB Legacy manual, "Configuration"). */
export async function grubLegacyMenu(image: Image, path: GuestPath): Promise<BootMenu | undefined> {
  const texts = await textAt(image, path);
  const [text] = texts;
  if (!text) return undefined;
  const titles: {
    title: string;
    evidence: Place;
    words: readonly BootWord[] | undefined;
    isHypervisor: boolean;
  }[] = [];
  let wanted = '0';
  for (const { name, value, line } of parseGrubLegacy(text.text)) {
    const evidence: Place = { path, line };
    const current = titles.at(-1);
    const words = (): BootWord[] =>
      wordsOfCommandLine(value)
        .slice(1)
        .map((word) => ({ text: word, evidence }));
    if (name === 'title') titles.push({ title: value, evidence, words: undefined, isHypervisor: false });
    else if (name === 'default' && !current) wanted = value;
    else if (name === 'kernel' && current) {
      current.isHypervisor = /\bxen[^/]*(?:\.gz)?(?:\s|$)/.test(value.split(/\s/)[0] ?? '');
      current.words = current.isHypervisor ? undefined : words();
    } else if (name === 'module' && current?.isHypervisor) current.words ??= words();
  }
  if (wanted === 'saved') {
    const [saved] = await textAt(image, join(parentOf(path), 'default'));
    wanted = /^\s*(\d+)/.exec(saved?.text ?? '')?.[1] ?? '0';
  }
  const entryOf = ({ title, evidence, words }: (typeof titles)[number]): BootEntry | undefined =>
    words && { title, evidence, words };
  const entries = titles.flatMap((title) => entryOf(title) ?? []);
  const chosen = titles[Number(wanted)] ?? titles[0];
  return { path, entries, chosen: (chosen && entryOf(chosen)) ?? entries[0], waits: false, texts };
}
