import type { Image } from '../../../image/image.js';
import { loadUnits } from './generators.js';
import { UnitSearch } from './search.js';
import { Transaction } from './transaction.js';
import type { Units } from './unit.js';

/** The units of an image, and what its boot starts. */
export interface Boot {
  readonly units: Units;
  readonly transaction: Transaction;
}

/** @param extra - units that are taken to be started even if nothing pulls them in */
export async function bootOf(image: Image, extra: readonly string[] = []): Promise<Boot> {
  const units = await loadUnits(image, await UnitSearch.open(image));
  return { units, transaction: await Transaction.of(units, extra) };
}
