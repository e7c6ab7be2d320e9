import { type Draft, rowsOf } from '../row.js';

const source = (what: string): { readonly source: string } => ({
  source: `nova, objects/image_meta.py: ${what}`,
});
const of = (properties: Readonly<Record<string, string>>): string =>
  JSON.stringify({ name: 'image', properties });

const good = { img_config_drive: 'mandatory', vm_mode: 'hvm', xenapi_use_agent: 'False' };
const on = 'debian12-ci';

const wrong = (id: string, what: string, properties: string, says: RegExp, why: string): Draft => ({
  id,
  on,
  what,
  properties,
  is: 'broken',
  by: source(why),
  speaks: 'image-metadata',
  says,
});

const right = (id: string, what: string, properties: string, why: string): Draft => ({
  id,
  on,
  what,
  properties,
  is: 'works',
  by: source(why),
  guards: 'image-metadata',
  // A name that only Nova's image object knows deserves a word: its Xen driver read the older one.
  may: 'image-metadata',
});

const legacy = '_legacy_property_map gives each name of today the older one';
const { img_config_drive, vm_mode } = good;

export const properties = rowsOf('properties', [
  right(
    'names-of-today',
    'hw_vm_mode and img_use_agent',
    of({ img_config_drive, hw_vm_mode: 'hvm', img_use_agent: 'False' }),
    legacy,
  ),
  right(
    'newer-wins-well',
    'vm_mode is xen, and hw_vm_mode hvm',
    of({ ...good, vm_mode: 'xen', hw_vm_mode: 'hvm' }),
    legacy,
  ),
  wrong(
    'newer-wins',
    'vm_mode is hvm, and hw_vm_mode xen',
    of({ ...good, hw_vm_mode: 'xen' }),
    /hw_vm_mode/,
    legacy,
  ),
  wrong(
    'newer-agent',
    'xenapi_use_agent is False, and img_use_agent True',
    of({ ...good, img_use_agent: 'True' }),
    /img_use_agent/,
    legacy,
  ),
  wrong(
    'no-config-drive',
    'nothing says that there is to be a config drive',
    of({ vm_mode, xenapi_use_agent: 'False' }),
    /img_config_drive/,
    'img_config_drive has no default',
  ),
  wrong(
    'optional-config-drive',
    'img_config_drive is optional',
    of({ ...good, img_config_drive: 'optional' }),
    /img_config_drive/,
    'ConfigDrivePolicy',
  ),
  wrong('paravirtual', 'vm_mode is xen', of({ ...good, vm_mode: 'xen' }), /vm_mode/, 'VMMode'),
  right(
    'mode-of-another-name',
    'vm_mode is hv, which Nova reads as hvm',
    of({ ...good, vm_mode: 'hv' }),
    'VMMode.canonicalize',
  ),
  right(
    'boolean-no',
    'xenapi_use_agent is no',
    of({ ...good, xenapi_use_agent: 'no' }),
    'FlexibleBooleanField takes what strutils does',
  ),
  wrong(
    'boolean-yes',
    'xenapi_use_agent is yes',
    of({ ...good, xenapi_use_agent: 'yes' }),
    /xenapi_use_agent/,
    'FlexibleBooleanField takes what strutils does',
  ),
  right(
    'field-and-value',
    'an older client has printed a list of Field and Value',
    JSON.stringify([
      { Field: 'name', Value: 'image' },
      { Field: 'properties', Value: "img_config_drive='mandatory', vm_mode='hvm', xenapi_use_agent='False'" },
    ]),
    'the same properties, as python-openstackclient before 4.0 prints them',
  ),
  right(
    'one-string',
    'a client has printed the properties as one string',
    JSON.stringify({
      name: 'image',
      properties: "img_config_drive='mandatory', vm_mode='hvm', xenapi_use_agent='False'",
    }),
    'the same properties, as python-openstackclient prints them with an older cliff',
  ),
]);
