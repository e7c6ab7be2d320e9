import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { apply } from '../../../images/write/apply.js';
import { link, preconditionOf, remove, write } from '../../../images/image/change.js';
import { openDirectory } from '../../../images/image/directory.js';
import { collapse } from '../../../images/image/overlay.js';
import { undo } from '../../../images/write/undo.js';
import { scratch } from '../../support/scratch.js';
import { foretell, own, setUserAttribute, stamp, tell } from '../../support/transaction.js';
import { difference, walk } from '../../support/walk.js';
import type { Change, GuestPath } from '../../../images/image/image.js';
import type { ExtendedAttributes } from '../../../images/image/posix.js';

describe('any changes to any tree', function () {
  this.timeout(300_000);
  const name = fc.constantFrom('a', 'b', 'c', 'é', '.d');
  const somewhere = fc
    .array(name, { minLength: 1, maxLength: 3 })
    .map((names): GuestPath => `/${names.join('/')}`);
  const content = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
  const plant = fc.oneof(
    fc.record({
      path: somewhere,
      content,
      mode: fc.constantFrom(0o644, 0o600, 0o755, 0o4711),
      time: fc.bigInt(0n, 2n ** 61n),
    }),
    fc.record({ path: somewhere, target: somewhere }),
    fc.record({ path: somewhere, folder: fc.constant(true) }),
    fc.record({ path: somewhere, twin: somewhere }),
  );
  const note = fc.option(content, { nil: undefined });
  const step = fc.oneof(
    fc.record({
      path: somewhere,
      content,
      mode: fc.constantFrom(0o644, 0o400, 0o2755),
      note,
      modified: fc.option(fc.nat(2 ** 32), { nil: undefined }),
    }),
    fc.record({ path: somewhere, folderMode: fc.constantFrom(0o755, 0o1777, 0o2750), note }),
    fc.record({ path: somewhere, target: somewhere }),
    fc.record({ path: somewhere, gone: fc.constant(true) }),
  );

  let attributed = false;
  before(() => {
    using here = scratch();
    attributed = setUserAttribute(here.path, 'user.probe', Buffer.from('x'));
  });

  it('are applied as foretold and undone without a trace', async () => {
    let applied = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(plant, { maxLength: 12 }),
        fc.array(step, { minLength: 1, maxLength: 8 }),
        async (plants, wishes) => {
          using here = scratch();
          mkdirSync(here.root);
          for (const each of plants) plantOne(here.root, each);
          const before = walk(here.root);
          const changes = await planned(here.root, wishes);
          if (changes.length === 0) return;
          const foretold = await foretell(here.root, changes);
          await apply(here.root, changes, { stateDirectory: here.state, source: 'test' });
          {
            await using image = openDirectory(here.root);
            assert.deepEqual(await tell(image), foretold);
          }
          await undo(here.root, { stateDirectory: here.state });
          assert.deepEqual(difference(walk(here.root), before), []);
          applied += 1;
        },
      ),
      { numRuns: 60 },
    );
    assert.ok(applied > 20, `only ${applied} of the runs had something to apply`);
  });

  type Plant = { path: GuestPath } & (
    | { content: Buffer; mode: number; time: bigint }
    | { target: string }
    | { folder: boolean }
    | { twin: string }
  );
  type Wish = { path: GuestPath } & (
    | { content: Buffer; mode: number; note: Buffer | undefined; modified: number | undefined }
    | { target: string }
    | { gone: boolean }
    | { folderMode: number; note: Buffer | undefined }
  );

  /** What does not fit into the tree so far is left out. */
  function plantOne(root: string, each: Plant): void {
    const file = path.join(root, each.path);
    if (!inPlainDirectory(root, each.path) || existsSync(file) || isLink(file)) return;
    mkdirSync(path.dirname(file), { recursive: true });
    if ('content' in each) {
      writeFileSync(file, each.content);
      chmodSync(file, each.mode);
      if (each.time % 4n === 0n)
        stamp(`@${each.time / 1_000_000_000n}.${(each.time % 1_000_000_000n).toString().padStart(9, '0')}`, [
          file,
        ]);
      else utimesSync(file, 1, Number(each.time % 4_000_000_000n));
    } else if ('target' in each) symlinkSync(each.target, file);
    else if ('folder' in each) mkdirSync(file);
    else if (
      inPlainDirectory(root, each.twin) &&
      existsSync(path.join(root, each.twin)) &&
      lstatSync(path.join(root, each.twin)).isFile()
    )
      linkSync(path.join(root, each.twin), file);
  }

  function isLink(file: string): boolean {
    return (
      existsSync(path.dirname(file)) && lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true
    );
  }

  function inPlainDirectory(root: string, file: string): boolean {
    let at = root;
    for (const name of path.dirname(file).split('/')) {
      at = path.join(at, name);
      const stats = lstatSync(at, { throwIfNoEntry: false });
      if (!stats) return true;
      if (!stats.isDirectory()) return false;
    }
    return true;
  }

  function extendedOf({ note }: { note: Buffer | undefined }): { extended?: ExtendedAttributes } {
    return note && attributed ? { extended: { 'user.note': note.toString('base64') } } : {};
  }

  async function planned(root: string, wishes: readonly Wish[]): Promise<Change[]> {
    await using image = openDirectory(root);
    const changes: Change[] = [];
    for (const wish of wishes) {
      const exact = wish.path;
      if (!inPlainDirectory(root, exact)) continue;
      const clash = changes.some(
        (each) =>
          each.path.startsWith(`${exact}/`) ||
          (exact.startsWith(`${each.path}/`) && each.kind !== 'directory'),
      );
      if (clash) continue;
      const file = path.join(root, exact);
      const stats = existsSync(path.dirname(file)) ? lstatSync(file, { throwIfNoEntry: false }) : undefined;
      const isDirectory = stats?.isDirectory();
      if ('folderMode' in wish) {
        const isChanged = changes.some((each) => each.path === exact);
        if (isChanged || (stats && !isDirectory)) continue;
        // The directories above it, but not the file.
        const above = (await write(image, exact === '/' ? exact : `${exact}/x`, '')).slice(0, -1);
        const expect = await preconditionOf(image, exact);
        changes.push(...above.filter((each) => each.path !== exact), {
          kind: 'directory',
          path: exact,
          expect,
          posix: { mode: wish.folderMode, owner: own, ...extendedOf(wish) },
        });
        continue;
      }
      if (isDirectory && !('gone' in wish && readdirSync(file).length === 0)) continue;
      if (changes.some((each) => each.path === exact && each.kind === 'directory')) continue;
      if ('content' in wish) {
        const writing = await write(image, exact, wish.content, { ...own, mode: wish.mode });
        const modified = wish.modified === undefined ? {} : { modified: wish.modified };
        changes.push(
          ...writing.map((each) =>
            each.kind === 'write' && each.posix
              ? { ...each, ...modified, posix: { ...each.posix, ...extendedOf(wish) } }
              : each,
          ),
        );
      } else if ('target' in wish) changes.push(...(await link(image, exact, wish.target)));
      else changes.push(...(await remove(image, exact)));
    }
    return collapse(changes);
  }
});
