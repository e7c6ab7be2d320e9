import assert from 'node:assert/strict';
import { checks } from '../../checks/index.js';
import { guests } from './guests.js';
import { rows } from './rows.js';

/** What is asked of a running system is no matter of an image. What only `hallmark rescue` judges, which knows the disks of a server: test/e2e/rescue.e2e.ts breaks those. */
const ofRescue: readonly string[] = ['required-mounts'];

describe('the corpus of npm run truth', () => {
  it('has at least 200 rows, each with an id of its own', () => {
    assert.ok(rows.length >= 200);
    const ids = rows.map(({ id }) => id);
    assert.deepEqual(
      ids.filter((id, at) => ids.indexOf(id) !== at),
      [],
    );
  });

  it('has a guard for at least three rows of a hundred', () => {
    const guards = rows.filter(({ guards: of }) => of.length > 0);
    assert.ok(guards.length >= rows.length * 0.03);
    assert.deepEqual(
      guards.filter(({ is }) => is !== 'works' && is !== 'quiet').map(({ id }) => id),
      [],
    );
  });

  it('says of every fault which check must find it', () => {
    const silent = rows.filter(
      ({ is, speaks }) => (is === 'broken' || is === 'tunnel') && speaks.length === 0,
    );
    assert.deepEqual(
      silent.map(({ id }) => id),
      [],
    );
  });

  it('boots no guest whose programs are stand-ins', () => {
    const wrong = rows.filter(({ by, guest }) => by === 'booted' && guests[guest].depth === 'none');
    assert.deepEqual(
      wrong.map(({ id }) => id),
      [],
    );
  });

  it('names no check that there is not', () => {
    const known = new Set(checks.map(({ meta }) => meta.id));
    const named = new Set(rows.flatMap(({ speaks, guards: of, may }) => [...speaks, ...of, ...may]));
    assert.deepEqual(
      [...named].filter((id) => !known.has(id)),
      [],
    );
  });

  for (const { meta } of checks.filter(
    ({ meta: { severity, id, live } }) => severity === 'error' && !live && !ofRescue.includes(id),
  ))
    it(`has a fault and a guard for ${meta.id}`, () => {
      assert.ok(
        rows.some(({ speaks }) => speaks.includes(meta.id)),
        'no row makes it fail',
      );
      assert.ok(
        rows.some(({ guards: of }) => of.includes(meta.id)),
        'no row guards it',
      );
    });
});
