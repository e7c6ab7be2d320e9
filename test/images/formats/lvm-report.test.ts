import assert from 'node:assert/strict';
import { parseLvs, parsePvs } from '../../../images/formats/lvm-report.js';

describe('the reports of LVM', () => {
  it('name the logical volumes, active or not', () => {
    const lv = [
      { vg_name: 'vg0', lv_name: 'root', lv_active: 'active' },
      { vg_name: 'vg0', lv_name: 'var', lv_active: '' },
    ];
    assert.deepEqual(parseLvs(JSON.stringify({ report: [{ lv }] })), [
      { group: 'vg0', name: 'root', active: true },
      { group: 'vg0', name: 'var', active: false },
    ]);
  });

  it('tell two groups of one name apart, and leave out what is in none', () => {
    const pv = [
      { pv_name: '/dev/vdb2', vg_uuid: 'one' },
      { pv_name: '/dev/vdd', vg_uuid: 'other' },
      { pv_name: '/dev/vdc', vg_uuid: 'one' },
      { pv_name: '/dev/vde', vg_uuid: '' },
    ];
    assert.deepEqual(
      [...parsePvs(JSON.stringify({ report: [{ pv }] }))],
      [
        ['one', ['/dev/vdb2', '/dev/vdc']],
        ['other', ['/dev/vdd']],
      ],
    );
  });

  it('are refused when they are none', () => {
    assert.throws(() => parseLvs('{}'), SyntaxError);
    assert.throws(() => parsePvs(''), SyntaxError);
  });
});
