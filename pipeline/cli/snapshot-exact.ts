import { recordPath, vpnRecord } from '../../images/guest/vpn/record.js';
import { sha256 } from '../../images/base/sha256.js';
import { RepairError } from '../../images/base/errors.js';
import { factsOf } from '../../images/guest/fact.js';
import type { GuestPath } from '../../images/image/image.js';
import { openDirectory } from '../../images/image/directory.js';
import type { Manifest } from '../../images/write/journal.js';
import { type TakenBack, listTransactions, undo } from '../../images/write/undo.js';

/**
 * Undoes the transactions that made the record, the last first, as long as they did nothing else and nobody has changed
 * anything of them since: only a journal knows times and extended attributes. What is then still recorded has to be put
 * back from the record.
 * @returns what was undone, without the record and the directories made for it
 * @throws {RepairError} what prevented a write
 */
export async function takeBackExactly({
  root,
  stateDirectory,
}: {
  readonly root: string;
  readonly stateDirectory: string;
}): Promise<TakenBack[]> {
  const done: TakenBack[] = [];
  for (;;) {
    const manifest = await makerOfRecord(root, stateDirectory);
    if (!manifest) return done;
    try {
      const { paths, ...rest } = await undo(root, { stateDirectory, id: manifest.id });
      done.push({ ...rest, paths: paths.filter((path) => !isOfRecord(path)) });
    } catch (error) {
      if (error instanceof RepairError && error.code === 'changed') return done;
      throw error;
    }
  }
}

/** The transaction that wrote the record as it is now, if what the record tells is all that it did. */
async function makerOfRecord(root: string, stateDirectory: string): Promise<Manifest | undefined> {
  await using image = openDirectory(root);
  const record = await factsOf(image)(vpnRecord);
  const bytes = await image.readFile(recordPath);
  if (!record || !bytes) return undefined;
  const told = new Set<GuestPath>(record.entries.map(({ path }) => path));
  const isOwn = (path: GuestPath): boolean => told.has(path) || isOfRecord(path);
  return listTransactions(stateDirectory, root).findLast(({ touched }) => {
    const made = touched.find(({ path }) => path === recordPath)?.after;
    return made?.type === 'file' && made.sha256 === sha256(bytes) && touched.every(({ path }) => isOwn(path));
  });
}

/** The record itself, and the directories that lead to it. */
const isOfRecord = (path: GuestPath): boolean => `${recordPath}/`.startsWith(`${path}/`);
