import type { Image } from '../../../image/image.js';
import { readBootEntries } from '../../boot/entries.js';
import type { BootWord } from '../../boot/entry.js';
import { loadUnits } from './generators.js';
import { type KernelWords, readKernelWords } from './kernel-words.js';
import { UnitSearch } from './search.js';
import { Transaction } from './transaction.js';
import type { Units } from './unit.js';

/** The units of an image, and what its boot starts. */
export interface Boot {
  readonly units: Units;
  readonly transaction: Transaction;
  readonly words: {
    /** Of those that the next boot has. */
    readonly sure: KernelWords;
    /** The same as they are written; none where the image has no boot entry. */
    readonly written: readonly string[];
    readonly doubtful: readonly BootWord[];
  };
}

/** @param extra - units that are taken to be started even if nothing pulls them in */
export async function bootOf(image: Image, extra: readonly string[] = []): Promise<Boot> {
  const { words, doubtful } = await readBootEntries(image);
  const sure = readKernelWords(words);
  const units = await loadUnits(image, await UnitSearch.open(image), sure);
  return {
    units,
    transaction: await Transaction.of(units, { goal: sure.goal?.unit, extra }),
    words: { sure, written: words.map(({ text }) => text), doubtful },
  };
}
