import assert from 'node:assert/strict';
import fc from 'fast-check';
import { stagesInWords } from '../../../../pipeline/rehearse/cloud-init/stages.js';
import { stagesIn } from '../../../../pipeline/rehearse/cloud-init/units.js';

/** As `systemctl show` prints units: what is the same of most, and what is a unit's own. */
function show(...units: Readonly<Record<string, string | number>>[]): string {
  const common = { LoadState: 'loaded', ActiveState: 'inactive', SubState: 'dead', Result: 'success' };
  const blocks = units.map((unit) =>
    Object.entries({ ...common, ...unit }).map(([name, value]) => `${name}=${value}\n`),
  );
  return blocks.map((lines) => lines.join('')).join('\n');
}

const exited = { ActiveState: 'active', SubState: 'exited' };
const at = (began: number, active: number, inactive = 0) => ({
  InactiveExitTimestampMonotonic: began,
  ActiveEnterTimestampMonotonic: active,
  InactiveEnterTimestampMonotonic: inactive,
});

describe("cloud-init's stages, as systemd has them", () => {
  it('are those that the guest has, each once, with the times since its start', () => {
    const text = show(
      { Id: 'cloud-init-main.service', LoadState: 'not-found' },
      { Id: 'cloud-init-local.service', ...exited, ...at(2_500_000, 3_000_000) },
      { Id: 'cloud-init.service', ...exited, ...at(3_500_000, 4_250_000) },
      { Id: 'cloud-init.service', ...exited, ...at(3_500_000, 4_250_000) },
    );
    assert.deepEqual(stagesIn(text, 2000), [
      {
        name: 'cloud-init-local.service',
        stage: 'init-local',
        state: 'done',
        why: undefined,
        atMs: 500,
        endMs: 1000,
      },
      { name: 'cloud-init.service', stage: 'init', state: 'done', why: undefined, atMs: 1500, endMs: 2250 },
    ]);
  });

  it('of a process that ends when all is done begin and end, too', () => {
    const [main] = stagesIn(
      show({ Id: 'cloud-init-main.service', ...at(1_000_000, 1_500_000, 4_000_000) }),
      0,
    );
    assert.deepEqual(main, {
      name: 'cloud-init-main.service',
      stage: undefined,
      state: 'done',
      why: undefined,
      atMs: 1000,
      endMs: 4000,
    });
  });

  for (const [what, unit, state, why] of [
    ['a job that waits', { Job: 12 }, 'waiting', undefined],
    [
      'a program at work',
      { ActiveState: 'activating', SubState: 'start', ...at(1, 0) },
      'running',
      undefined,
    ],
    ['a process at work', { ActiveState: 'active', SubState: 'running', ...at(1, 2) }, 'running', undefined],
    ['a failure', { ActiveState: 'failed', Result: 'exit-code', ...at(1, 0, 2) }, 'failed', 'exit-code'],
    ['a process that was killed', { Result: 'signal', ...at(1, 0, 2) }, 'failed', 'signal'],
    ['a mask', { LoadState: 'masked' }, 'not-started', 'it is masked'],
    ['nothing that wants it', {}, 'not-started', 'nothing in the boot starts it'],
  ] as const) {
    it(`knows ${what}`, () => {
      const [stage] = stagesIn(show({ Id: 'cloud-final.service', ...unit }), 0);
      assert.equal(stage?.state, state);
      assert.equal(stage.why, why);
    });
  }

  it('tells what is the same of several once', () => {
    const masked = { state: 'not-started', why: 'it is masked', stage: undefined } as const;
    const stages = [
      { name: 'a', ...masked },
      { name: 'b', state: 'failed', why: 'exit-code', stage: undefined },
      { name: 'c', ...masked },
    ] as const;
    assert.equal(stagesInWords(stages), 'not started (it is masked): a, c; failed (exit-code): b');
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('Id=', 'a', '\n', '=', 'Job=', '-', '9') }), (text) => {
        for (const { name } of stagesIn(text, 0)) assert.equal(typeof name, 'string');
      }),
    );
  });
});
