import assert from 'node:assert/strict';
import type { Check, CheckContext } from '../../checks/lib/check.js';
import type { Example, ExampleFile } from '../../checks/lib/example.js';
import { type CheckResult, runCheck } from '../../checks/lib/result.js';
import { type Gather, type Gatherable, factsOf } from '../../images/guest/fact.js';
import type { Image } from '../../images/image/image.js';
import { type MemoryNode, memoryImage } from '../../images/image/memory.js';
import { disksWith } from './disks.js';
import { exampleGuestFiles } from '../guests/example-guests.js';

type State = Omit<Example['bad'], 'says'>;

/** Shows that the example of a check is true: its bad state fails with these findings, its good state passes. */
export function testExample(check: Check, example: Example): void {
  it('its bad example fails, in these words', async () => {
    const result = await judgeExample(check, example, example.bad);
    assert.equal(result.outcome, 'fail', result.reason ?? 'the bad example passes');
    assert.deepEqual(
      result.findings.map(({ message }) => message),
      example.bad.says,
    );
  });

  it('its good example passes', async () => {
    const result = await judgeExample(check, example, example.good);
    assert.deepEqual(
      result.findings.map(({ message }) => message),
      [],
    );
    assert.equal(result.outcome, 'pass', result.reason);
  });

  it('its examples show the same places', () => {
    const places = ({ files = {}, metadata = {}, running = {} }: State): string[] =>
      [files, metadata, running].flatMap((part) => Object.keys(part)).sort();
    assert.deepEqual(places(example.good), places(example.bad));
  });
}

/** What a check says of one state of an example. */
function judgeExample(check: Check, example: Example, state: State): Promise<CheckResult> {
  const get = gathering(check, factsOf(exampleImage(example, state)), state.running);
  return runCheck(check, get, exampleContext(check, example, state));
}

/** One state of an example, as an image. */
export function exampleImage({ guest, disks }: Example, { files = {} }: State): Image {
  return memoryImage(filesOf(exampleGuestFiles[guest], files), 'memory', disks && disksWith(disks));
}

/** What one state of an example is judged with. */
export function exampleContext(
  check: Check,
  { guest, agentFate }: Example,
  { metadata }: State,
): CheckContext {
  const forAgent = check.meta.targets.includes('nova-agent') && guest !== 'cloud-init';
  const target = forAgent ? 'nova-agent' : 'cloud-init';
  return { target, family: 'Linux', metadata, agentFate, today: '2026-01-15' };
}

function filesOf(
  healthy: Readonly<Record<string, MemoryNode>>,
  changes: Readonly<Record<string, ExampleFile>>,
): Record<string, MemoryNode> {
  const files: Record<string, MemoryNode> = { ...healthy };
  for (const [path, file] of Object.entries(changes)) {
    if (file === true) assert.ok(path in healthy, `the healthy guest has no ${path}`);
    else if (file === false) Reflect.deleteProperty(files, path);
    // A file keeps the mode that it has on the healthy guest.
    else files[path] = typeof file === 'string' ? { content: file, mode: modeOf(healthy[path]) } : file;
  }
  return files;
}

function modeOf(node: MemoryNode | undefined): number {
  return (typeof node === 'object' && 'mode' in node ? node.mode : undefined) ?? 0o644;
}

/** Facts of the running system as the example gives them, the others from the files. */
function gathering({ needs }: Check, get: Gather, running: State['running']): Gather {
  if (!running) return get;
  const given = new Map<Gatherable<unknown>, unknown>();
  const moment = 'runningSystem' in needs ? { runningSystem: true, ...running } : running;
  for (const [name, value] of Object.entries(moment)) {
    const fact = needs[name];
    assert.ok(fact, `the example gives ${name}, which the check does not declare`);
    given.set(fact, value);
  }
  return async <T>(fact: Gatherable<T>): Promise<T> => (given.has(fact) ? (given.get(fact) as T) : get(fact));
}
