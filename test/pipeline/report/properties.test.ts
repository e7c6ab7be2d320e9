import assert from 'node:assert/strict';
import { reportProperties } from '../../../pipeline/report/properties.js';

function planned(name: string, value: string | undefined, was: unknown, fixer = 'image-metadata') {
  return { fixer, change: { kind: 'property' as const, name, value, was } };
}

describe('reportProperties', () => {
  it('sorts by name, and says how to set and remove them', () => {
    const { changes, commands } = reportProperties(
      [
        planned('vm_mode', 'hvm', undefined),
        planned('img_config_drive', 'mandatory', 'optional'),
        planned('xenapi_use_agent', undefined, false),
      ],
      "John's image",
    );
    assert.deepEqual(
      changes.map(({ name, was, value }) => [name, was, value]),
      [
        ['img_config_drive', 'optional', 'mandatory'],
        ['vm_mode', null, 'hvm'],
        ['xenapi_use_agent', false, null],
      ],
    );
    assert.deepEqual(commands, [
      `openstack image set --property img_config_drive=mandatory --property vm_mode=hvm 'John'\\''s image'`,
      `openstack image unset --property xenapi_use_agent 'John'\\''s image'`,
    ]);
  });

  it('joins two words on one property: the first state, the last value, both fixers', () => {
    const { changes } = reportProperties([
      planned('vm_mode', 'xen', 'hvm', 'a'),
      planned('vm_mode', 'exe', 'xen', 'b'),
    ]);
    assert.deepEqual(changes, [{ name: 'vm_mode', was: 'hvm', value: 'exe', fixers: ['a', 'b'] }]);
  });

  it('leaves out what ends where it began', () => {
    const back = reportProperties([planned('vm_mode', 'xen', 'hvm'), planned('vm_mode', 'hvm', 'xen')]);
    assert.deepEqual(back, { changes: [], commands: [] });
  });

  it('names a place-holder when nobody said which image', () => {
    assert.deepEqual(reportProperties([planned('a', 'b', undefined)]).commands, [
      'openstack image set --property a=b IMAGE',
    ]);
  });
});
