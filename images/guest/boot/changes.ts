import { withoutSourceWords, withoutWords } from '../../formats/kernel-cmdline.js';
import { write } from '../../image/change.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import { collapse, overlay } from '../../image/overlay.js';
import { baseName } from '../../image/resolve.js';
import { entrySources, readBootEntries } from './entries.js';
import { isRecovery } from './entry.js';

/**
 * Changes after which no boot entry gives the kernel some words, and no entry that is made later does. Entries for
 * recovery keep what they have: a person who chooses one means it.
 */
export async function dropBootWords(image: Image, unwanted: (word: string) => boolean): Promise<Change[]> {
  const { menus } = await readBootEntries(image);
  const lines = new Map<GuestPath, Set<number>>();
  for (const { entries, chosen } of menus) {
    for (const entry of new Set([...entries, ...(chosen ? [chosen] : [])])) {
      if (entry !== chosen && isRecovery(entry)) continue;
      for (const { text, evidence } of entry.words) {
        if (!unwanted(text)) continue;
        const known = lines.get(evidence.path);
        if (known) known.add(evidence.line);
        else lines.set(evidence.path, new Set([evidence.line]));
      }
    }
  }
  const changes: Change[] = [];
  for (const [path, numbers] of lines) {
    const text = (await image.readText(path)) ?? '';
    const isBlock = baseName(path) === 'grubenv';
    changes.push(...(await rewrite(image, path, withoutWords(text, numbers, unwanted, isBlock))));
  }
  // One file may be both: Debian's menu.lst holds entries and what they are made from.
  const view = await overlay(image, changes);
  for (const { path, text, syntax } of await entrySources(view))
    changes.push(...(await rewrite(view, path, withoutSourceWords(text, syntax, unwanted))));
  return collapse(changes);
}

/** New content for the file that a path leads to, so that a link stays one. */
async function rewrite(image: Image, path: GuestPath, text: string): Promise<Change[]> {
  return write(image, (await image.realPath(path)) ?? path, text);
}
