import assert from 'node:assert/strict';
import { defineCheck } from '../../checks/lib/check.js';
import type { CheckResult } from '../../checks/lib/result.js';
import { RepairError } from '../../images/base/errors.js';
import type { Change } from '../../images/image/image.js';
import { checkAgain } from '../../pipeline/check-again.js';
import type { Destination } from '../../images/sources/source.js';
import { TarballSource } from '../../images/sources/tarball.js';
import type { Plan } from '../../pipeline/plan.js';
import type { Request } from '../../pipeline/request.js';
import { stages } from '../../pipeline/stages.js';
import { Scratch, archive } from '../images/image/tarball/archives.js';

const check = defineCheck({
  meta: {
    id: 'well',
    title: 'well',
    failureTitle: 'not well',
    category: 'agent',
    severity: 'error',
    targets: ['nova-agent'],
    families: ['Linux'],
    scope: 'image',
    messages: {},
    docs: { why: '', remedy: '', references: [] },
  },
  needs: {},
  *run() {
    // It is always well.
  },
});

const removal: Change = { kind: 'remove', path: '/x', expect: { type: 'directory' } };

describe('checkAgain', () => {
  const scratch = new Scratch();
  after(() => {
    scratch.remove();
  });

  async function again(
    path: string,
    {
      destination = { toBeAgreed: true },
      outcome = 'pass',
      changes = [removal],
      signal,
    }: {
      destination?: Destination;
      outcome?: CheckResult['outcome'];
      changes?: readonly Change[];
      signal?: AbortSignal;
    },
  ): Promise<RepairError | undefined> {
    const plan: Plan = {
      steps: [],
      rejected: [],
      changes,
      properties: [],
      after: [{ ...check.meta, outcome, findings: [] }],
      context: { target: 'nova-agent', family: 'Linux', metadata: undefined, today: '2026-11-20' },
    };
    const source = new TarballSource(path, scratch.path('state'));
    const request: Request = {
      command: 'prepare',
      source,
      destination,
      target: 'auto',
      failOn: 'error',
      selection: {},
      waivers: [],
      metadata: undefined,
      today: '2026-11-20',
      signal,
    };
    try {
      await using _image = await checkAgain(
        stages(undefined, signal),
        { source, warnings: [] },
        plan,
        [check],
        request,
      );
      return undefined;
    } catch (error) {
      if (error instanceof RepairError) return error;
      throw error;
    }
  }

  const toFile = (path: string): Destination => ({ output: path, toBeAgreed: false });
  const whole = (): string => scratch.file(archive({ name: 'x' }));
  const damaged = (): string => scratch.file(Buffer.from('no archive\n'));

  it('finds what is as planned', async () => {
    assert.equal(await again(whole(), {}), undefined);
  });

  it('says how to go back from what is not as planned: by undo in place, by not using a new file', async () => {
    const path = whole();
    const inPlace = await again(path, { outcome: 'fail' });
    assert.equal(inPlace?.code, 'not-verified');
    assert.equal(inPlace.message, `${path} was written, but well is not as planned: pass`);
    assert.equal(inPlace.hint, `Run "hallmark undo ${path}" to go back.`);
    const file = await again(path, { outcome: 'fail', destination: toFile(path) });
    assert.equal(file?.hint, `Do not use ${path}.`);
  });

  it('says that it was written when it cannot be read', async () => {
    const path = damaged();
    const inPlace = await again(path, {});
    assert.equal(inPlace?.code, 'not-verified');
    assert.equal(inPlace.exitCode, 4);
    assert.match(inPlace.message, /was written, but cannot be checked again: .* is damaged/);
    assert.equal(inPlace.hint, `Run "hallmark undo ${path}" to go back.`);
    const file = await again(path, { destination: toFile(path) });
    assert.equal(file?.hint, `Do not use ${path}.`);
  });

  it('says that it was written when it is interrupted', async () => {
    const path = whole();
    const signal = AbortSignal.abort();
    const inPlace = await again(path, { signal });
    assert.equal(inPlace?.code, 'interrupted');
    assert.equal(inPlace.hint, `Run "hallmark undo ${path}" to go back.`);
    const file = await again(path, { signal, destination: toFile(path) });
    assert.equal(file?.hint, `Check it with "hallmark check ${path}".`);
  });

  it('offers no way back from what needed no change: undo would take back an earlier run', async () => {
    await assert.rejects(again(damaged(), { changes: [] }), { name: 'ImageError', code: 'corrupt' });
    const path = whole();
    const error = await again(path, { changes: [], outcome: 'fail' });
    assert.equal(error?.message, `${path} needed no change, but well is not as planned: pass`);
    assert.equal(error.hint, undefined);
  });
});
