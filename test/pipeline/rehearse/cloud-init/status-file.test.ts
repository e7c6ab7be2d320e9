import assert from 'node:assert/strict';
import fc from 'fast-check';
import { statusIn } from '../../../../pipeline/rehearse/cloud-init/status-file.js';

const startedAt = { clock: 1_795_696_124_000, monotonic: 4_062_000 };
const datasource = 'DataSourceConfigDrive [net,ver=2][source=/var/lib/cloud/seed/config_drive]';

/** As cloud-init 22.4 leaves it on Debian 12. */
const older = {
  v1: {
    datasource,
    init: { errors: [], finished: 1795696126.9695, start: 1795696125.5058 },
    'init-local': { errors: [], finished: 1795696125.1902, start: 1795696125.145 },
    'modules-config': {
      errors: ["('locale', ProcessExecutionError('…'))"],
      finished: null,
      start: 1795696127.178,
    },
    'modules-init': { errors: [], finished: null, start: null },
    stage: 'modules-config',
  },
};

/** As cloud-init 25.1 does, which counts from the start of the machine. */
const later = {
  v1: {
    datasource: null,
    'init-local': {
      errors: [],
      finished: 4063.35,
      recoverable_errors: { WARNING: ['no such file'], ERROR: ['it broke'], DEPRECATED: ['old key'] },
      start: 4063.29,
    },
    stage: null,
  },
};

describe("cloud-init's own account of its stages", () => {
  it('has those that were begun, in order, in milliseconds since the start of the guest', () => {
    const status = statusIn(JSON.stringify(older), startedAt);
    assert.equal(status.datasource, datasource);
    assert.deepEqual(
      status.stages.map(({ name, start, finished }) => [name, start, finished]),
      [
        ['init-local', 1145, 1190],
        ['init', 1506, 2970],
        ['modules-config', 3178, undefined],
      ],
    );
    assert.deepEqual(status.stages[2]?.errors, ["('locale', ProcessExecutionError('…'))"]);
  });

  it('is that of later releases, too, where a grave complaint is an error', () => {
    const { stages, datasource } = statusIn(JSON.stringify(later), startedAt);
    assert.equal(datasource, undefined);
    assert.deepEqual(stages, [
      { name: 'init-local', start: 1290, finished: 1350, errors: ['it broke'], warnings: ['no such file'] },
    ]);
  });

  it('is nothing where there is none, or only a part of it', () => {
    const text = JSON.stringify(older);
    for (const one of ['', 'null', '[]', '{"v1": 1}', text.slice(0, 100)])
      assert.deepEqual(statusIn(one, startedAt), { datasource: undefined, stages: [] });
  });

  it('takes whatever a guest has written', () => {
    const stage = fc.record({ start: fc.jsonValue(), finished: fc.jsonValue(), errors: fc.jsonValue() });
    const text = fc.record({ v1: fc.dictionary(fc.string(), fc.oneof(stage, fc.jsonValue())) });
    fc.assert(
      fc.property(fc.oneof(text, fc.jsonValue()), (value) => {
        for (const { errors } of statusIn(JSON.stringify(value), startedAt).stages)
          assert.ok(errors.every((error) => typeof error === 'string'));
      }),
    );
  });
});
