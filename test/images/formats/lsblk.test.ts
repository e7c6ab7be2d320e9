import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseLsblk } from '../../../images/formats/lsblk.js';

describe('lsblk', () => {
  it('lists every device once, with all that it lies on', () => {
    const lv = { name: '/dev/mapper/vg-root', type: 'lvm', size: 10, 'maj:min': '254:0', ro: false };
    const part = (name: string, number: string): object => ({
      name,
      type: 'part',
      size: 20,
      'maj:min': number,
      ro: false,
      children: [lv],
    });
    const disk = { name: '/dev/sda', type: 'disk', size: 50, 'maj:min': '8:0', ro: false };
    const children = [part('/dev/sda1', '8:1'), part('/dev/sda2', '8:2')];
    const devices = parseLsblk(JSON.stringify({ blockdevices: [{ ...disk, children }] }));
    assert.deepEqual(
      devices.map(({ name, parents }) => [name, ...parents]),
      [
        ['/dev/sda'],
        ['/dev/sda1', '/dev/sda'],
        ['/dev/mapper/vg-root', '/dev/sda1', '/dev/sda2'],
        ['/dev/sda2', '/dev/sda'],
      ],
    );
  });

  it('reads the strings of older releases', () => {
    const old = { name: '/dev/sr0', type: 'rom', size: '1073741312', 'maj:min': ' 11:0  ', ro: '1' };
    assert.deepEqual(parseLsblk(JSON.stringify({ blockdevices: [old] })), [
      { name: '/dev/sr0', number: '11:0', type: 'rom', size: 1073741312, readOnly: true, parents: [] },
    ]);
  });

  it('throws a SyntaxError for anything else, and nothing but that', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        assert.throws(() => parseLsblk(text), SyntaxError);
      }),
    );
    fc.assert(
      fc.property(fc.json(), (json) => {
        parseLsblk(`{"blockdevices":[${json}]}`);
      }),
    );
  });
});
