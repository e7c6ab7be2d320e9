import assert from 'node:assert/strict';
import { apply } from '../../images/write/apply.js';
import { listTransactions } from '../../images/write/undo.js';
import { planChanges, planted } from './transaction.js';
import { difference, walk } from './walk.js';

/**
 * Lets some steps of an apply fail, each in a tree of its own: everything is as it was, and no transaction is left.
 * @param pick - those of so many steps that fail; counted from 1
 */
export async function takesBackWhatFails(pick: (count: number) => readonly number[]): Promise<void> {
  using model = planted();
  const names: string[] = [];
  const options = { source: 'test', onStep: (name: string) => void names.push(name) };
  await apply(model.root, await planChanges(model.root), { ...options, stateDirectory: model.state });
  for (const failing of pick(names.length)) {
    const name = names[failing - 1] ?? '';
    using here = planted();
    const before = walk(here.root);
    let step = 0;
    const onStep = (): void => {
      if (++step === failing)
        throw Object.assign(new Error('ENOSPC: no space left on device'), { errno: -28 });
    };
    const run = apply(here.root, await planChanges(here.root), {
      source: 'test',
      stateDirectory: here.state,
      onStep,
    });
    await assert.rejects(run, /nothing was changed|the image is as it was/, name);
    assert.deepEqual(difference(walk(here.root), before), [], name);
    assert.deepEqual(listTransactions(here.state), [], name);
  }
}
