import assert from 'node:assert/strict';
import { initModules } from '../../../../images/guest/init/init-modules.js';
import type { InitSystem } from '../../../../images/guest/init/init-system.js';
import { ImageError } from '../../../../images/base/errors.js';
import { memoryImage } from '../../../../images/image/memory.js';
import { bootedInits } from '../../../../pipeline/rehearse/init/booted-inits.js';

const systems = Object.keys(initModules) as InitSystem[];

describe('the inits that a rehearsal boots', () => {
  it('are decided for every init system', () => {
    assert.deepEqual(Object.keys(bootedInits).sort(), [...systems].sort());
  });

  for (const system of systems) {
    it(`${bootedInits[system] ? 'hold' : 'leave out'} ${system}, whose services ${bootedInits[system] ? 'can' : 'cannot'} be judged`, async () => {
      const judged = await initModules[system].services(memoryImage({ '/etc/passwd': '' })).then(
        () => true,
        (error: unknown) => !(error instanceof ImageError && error.code === 'unsupported-init'),
      );
      assert.equal(judged, bootedInits[system] !== undefined);
    });
  }
});
