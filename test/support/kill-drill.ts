import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { apply } from '../../images/write/apply.js';
import { listTransactions, recover } from '../../images/write/undo.js';
import { scratch } from './scratch.js';
import { plantTree, planChanges } from './transaction.js';
import { type Walk, difference, walk } from './walk.js';
import { inProject } from './project.js';

const script = inProject('dist/test/support/crash.js');
const node = promisify(execFile);

type Command = 'apply' | 'undo' | 'recover';

/** The names of the steps of a run that nothing stops. */
async function steps(command: Command, root: string, state: string): Promise<string[]> {
  const { stdout } = await node(process.execPath, [script, command, root, state]);
  return JSON.parse(stdout) as string[];
}

async function killAt(command: Command, step: number, root: string, state: string): Promise<void> {
  await assert.rejects(node(process.execPath, [script, command, root, state, String(step)]), {
    signal: 'SIGKILL',
  });
}

/** Runs the drill for each of the steps, a few at a time. */
async function drill(chosen: readonly number[], each: (step: number) => Promise<void>): Promise<void> {
  const left = [...chosen];
  const worker = async (): Promise<void> => {
    for (let step = left.shift(); step !== undefined; step = left.shift()) await each(step);
  };
  await Promise.all([worker(), worker(), worker()]);
}

function assertSame(one: Walk, other: Walk, message: string): void {
  assert.deepEqual(difference(one, other), [], message);
}

/** No journal but committed ones, whole; no claim, nothing unfinished. */
function assertConsistent(root: string, state: string, step: string): void {
  const transactions = listTransactions(state, root);
  assert.ok(
    transactions.every((each) => each.state === 'committed'),
    step,
  );
  assert.deepEqual(
    readdirSync(path.join(state, 'transactions')).sort(),
    transactions.map(({ id }) => id),
    step,
  );
  assert.deepEqual(readdirSync(path.join(state, 'locks')), [], step);
}

/**
 * Kills apply, undo and recovery just before some of their steps, each in a tree of its own, and recovers.
 * @param pick - those of so many steps that a run is killed before; counted from 1
 */
export function killDrill(pick: (count: number) => readonly number[]): void {
  let planned: Walk;
  let applySteps: string[];
  let undoSteps: string[];

  before(async () => {
    using here = scratch();
    mkdirSync(here.root);
    plantTree(here.root);
    applySteps = await steps('apply', here.root, here.state);
    planned = walk(here.root, { times: false });
    undoSteps = await steps('undo', here.root, here.state);
  });

  it('of apply leaves the tree as before or as planned, once the next run has recovered it', async () => {
    const outcomes = { before: 0, planned: 0 };
    await drill(pick(applySteps.length), async (step) => {
      using here = scratch();
      mkdirSync(here.root);
      plantTree(here.root);
      const before = walk(here.root);
      await killAt('apply', step, here.root, here.state);
      const name = `killed before "${applySteps[step - 1] ?? ''}"`;
      await recover(here.state, here.root);
      const committed = listTransactions(here.state, here.root).length === 1;
      if (committed) assertSame(walk(here.root, { times: false }), planned, name);
      else assertSame(walk(here.root), before, name);
      assertConsistent(here.root, here.state, name);
      outcomes[committed ? 'planned' : 'before'] += 1;
    });
    assert.ok(outcomes.before > outcomes.planned && outcomes.planned > 0, JSON.stringify(outcomes));
  });

  it('of undo leaves the tree as applied or as before', async () => {
    const outcomes = { applied: 0, before: 0 };
    await drill(pick(undoSteps.length), async (step) => {
      using here = scratch();
      mkdirSync(here.root);
      plantTree(here.root);
      const before = walk(here.root);
      await apply(here.root, await planChanges(here.root), { stateDirectory: here.state, source: 'drill' });
      const applied = walk(here.root);
      await killAt('undo', step, here.root, here.state);
      const name = `killed before "${undoSteps[step - 1] ?? ''}"`;
      await recover(here.state, here.root);
      const undone = listTransactions(here.state, here.root).length === 0;
      assertSame(walk(here.root), undone ? before : applied, name);
      assertConsistent(here.root, here.state, name);
      outcomes[undone ? 'before' : 'applied'] += 1;
    });
    assert.ok(outcomes.before > outcomes.applied && outcomes.applied > 0, JSON.stringify(outcomes));
  });

  it('of a recovery is recovered by the one after', async () => {
    // Killed just before the commit, so that there is most to take back.
    const late = applySteps.lastIndexOf('journal: mark committed') + 1;
    let recoverSteps: string[];
    {
      using here = scratch();
      mkdirSync(here.root);
      plantTree(here.root);
      await killAt('apply', late, here.root, here.state);
      recoverSteps = await steps('recover', here.root, here.state);
    }
    await drill(pick(recoverSteps.length), async (step) => {
      using here = scratch();
      mkdirSync(here.root);
      plantTree(here.root);
      const before = walk(here.root);
      await killAt('apply', late, here.root, here.state);
      await killAt('recover', step, here.root, here.state);
      const name = `killed before "${recoverSteps[step - 1] ?? ''}"`;
      await recover(here.state, here.root);
      assertSame(walk(here.root), before, name);
      assertConsistent(here.root, here.state, name);
    });
  });
}
