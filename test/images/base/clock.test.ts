import assert from 'node:assert/strict';
import { dated, imageDay, sourceDate, today } from '../../../images/base/clock.js';

describe('clock', () => {
  it('takes the time for an image from SOURCE_DATE_EPOCH', () => {
    assert.equal(sourceDate({}), undefined);
    assert.equal(sourceDate({ SOURCE_DATE_EPOCH: '0' }), 0);
    assert.equal(sourceDate({ SOURCE_DATE_EPOCH: '1369569600' }), 1369569600);
    assert.equal(imageDay({ SOURCE_DATE_EPOCH: '1369612799' }), '2013-05-26');
    assert.equal(imageDay({ SOURCE_DATE_EPOCH: '1369612800' }), '2013-05-27');
    assert.equal(imageDay({ SOURCE_DATE_EPOCH: '253402300799' }), '9999-12-31');
  });

  it('takes the real day without it, in UTC', () => {
    const before = new Date().toISOString().slice(0, 10);
    const days = [imageDay({}), today()];
    const after = new Date().toISOString().slice(0, 10);
    for (const day of days) assert.ok(day === before || day === after, day);
  });

  for (const text of [
    '',
    ' 1',
    '1 ',
    '-1',
    '+1',
    '1.5',
    '1e9',
    '0x10',
    'today',
    '253402300800',
    '9'.repeat(40),
    '1\n',
  ])
    it(`does not take ${JSON.stringify(text)}`, () => {
      assert.throws(() => sourceDate({ SOURCE_DATE_EPOCH: text }), {
        name: 'UsageError',
        code: 'bad-environment',
        message: `SOURCE_DATE_EPOCH is not a number of seconds since 1970: ${JSON.stringify(text)}`,
        hint: 'Set it to what "date +%s" prints, or unset it to use the present time.',
      });
    });

  it('leaves a change its own time unless that is later', () => {
    assert.deepEqual(dated({ modified: 5 }, 9), { modified: 5 });
    assert.deepEqual(dated({ modified: 9, path: '/a' }, 5), { modified: 5, path: '/a' });
    assert.deepEqual(dated({ path: '/a' }, 5), { path: '/a' });
    assert.deepEqual(dated({ modified: 9 }, undefined), { modified: 9 });
  });
});
