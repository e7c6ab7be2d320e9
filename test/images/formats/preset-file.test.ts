import assert from 'node:assert/strict';
import { parsePresets } from '../../../images/formats/preset-file.js';

// What is a rule and what is passed over is what systemd 252 makes of it: test/e2e/systemd-presets.e2e.ts.
describe('formats/preset-file', () => {
  it('reads rules, and passes over everything else', () => {
    const text =
      '# enable a\n; disable b\n\n  enable c.service\ndisable\t*\nenabled d\nenable\nenable e@.service x y\nenable f.service x\nx\n';
    assert.deepEqual(
      parsePresets(text, true).map(({ action, pattern, instances, line }) => [
        line,
        action,
        pattern,
        ...instances,
      ]),
      [
        [4, 'enable', 'c.service'],
        [5, 'disable', '*'],
        [8, 'enable', 'e@.service', 'x', 'y'],
      ],
    );
  });

  it('knows ignore only where systemd does', () => {
    assert.deepEqual(
      parsePresets('ignore *\n', true).map(({ action }) => action),
      ['ignore'],
    );
    assert.deepEqual(parsePresets('ignore *\n', false), []);
  });
});
