import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import fc from 'fast-check';
import { UnreadableRecord, parseImageRecord } from '../../../images/formats/image-record.js';
import { inProject } from '../../support/project.js';

/**
 * One image as many clients print it. python-openstackclient 6.0 with cliff 4.0 and openstacksdk 0.103, and
 * python-glanceclient 4.1, printed openstack-6*, glance-2.table and sdk.json. openstack-3* went through the same
 * formatters with the properties as osc-lib's `format_dict` makes one string of them, as the client did before osc-lib
 * 2.0. The others are what the sources of cliff-tablib, novaclient, Glance's API v1 and its first client print.
 */
const folder = inProject('test/images/formats/image-records');
const record = (name: string): string => readFileSync(`${folder}/${name}`, 'utf8');

const image = {
  name: 'debian 12, "golden"',
  properties: {
    img_config_drive: 'mandatory',
    vm_mode: 'hvm',
    xenapi_use_agent: 'False',
    description: "it's a \"big\", nice='x' one",
    'com.rackspace__1__options': '0',
    'owner_specified.openstack.md5': '',
  },
};

/** What a form does not have, or has besides. */
const differences: Readonly<Record<string, { name?: undefined; properties?: Record<string, unknown> }>> = {
  'openstack-3.value': { name: undefined },
  'openstack-3-properties.value': { name: undefined },
  'openstack-6.value': { name: undefined },
  'openstack-6-properties.value': { name: undefined },
  'sdk.json': { properties: { ...image.properties, owner_id: '1010' } },
};

describe('formats/image-record', () => {
  const readable = readdirSync(folder).filter((name) => !name.includes('broken-word'));
  for (const name of readable) {
    const expected = { ...image, ...differences[name] };
    it(`reads ${name}`, async () => {
      assert.deepEqual(await parseImageRecord(record(name)), expected);
    });
    it(`reads ${name} with the line ends of Windows`, async () => {
      assert.deepEqual(await parseImageRecord(record(name).replaceAll('\n', '\r\n')), expected);
    });
  }

  const others: [string, string, Record<string, unknown>][] = [
    ['an object of properties', '{"vm_mode":"hvm","min_disk":5}', { vm_mode: 'hvm' }],
    ['an image without properties', '{"id":"1","properties":{}}', {}],
    ['the same as a string', '{"id":"1","properties":""}', {}],
    ['a list of one image', '[{"id":"1","properties":{"vm_mode":"xen"}}]', { vm_mode: 'xen' }],
    [
      'a list of Field and Value with an object',
      '[{"Field":"properties","Value":{"vm_mode":"xen"}}]',
      { vm_mode: 'xen' },
    ],
    ['a list of Property and Value', '[{"Property":"vm_mode","Value":"xen"}]', { vm_mode: 'xen' }],
    ['an answer with one image', '{"images":[{"vm_mode":"xen"}]}', { vm_mode: 'xen' }],
    [
      'Python’s form in JSON',
      `{"properties":"{'vm_mode': 'hvm', u'n': None, 't': True}"}`,
      { vm_mode: 'hvm', t: true },
    ],
    ['None in one string', `{"properties":"kernel_id=, vm_mode='hvm', x="}`, { vm_mode: 'hvm' }],
    ['a prefix of shell variables', `os_id="1"\nos_properties="vm_mode='hvm'"\n`, { vm_mode: 'hvm' }],
    ['an equals sign and spaces in values', `properties: a='b = c', d=' e '\n`, { a: 'b = c', d: ' e ' }],
    ['a key like one of JavaScript’s', `{"properties":"toString='x'"}`, { toString: 'x' }],
  ];
  for (const [name, text, properties] of others) {
    it(`reads ${name}`, async () => {
      assert.deepEqual((await parseImageRecord(text)).properties, properties);
    });
  }

  const unreadable: [string, string, RegExp][] = [
    ['several images', '[{"id":"1"},{"id":"2"}]', /JSON, but it describes 2 images/],
    ['no image', '[]', /describes 0 images/],
    ['JSON that is cut off', '{"properties": {', /seems to be JSON, but/],
    ['properties that are a list', '{"properties":[]}', /"properties" are not an object/],
    ['a word', 'golden', /-f yaml.*there are no properties in it/],
    ['a number in JSON’s list', '[1]', /not an object/],
    [
      'a value that reads in two ways',
      `{"properties":"a='x', vm_mode='hvm', b='y', vm_mode='xen'"}`,
      /says vm_mode twice/,
    ],
    ['a value without an end', `{"properties":"a='x"}`, /value of a has no end/],
    ['one string that is none', '{"properties":"golden"}', /"golden" is not of the form key='value'/],
    [
      'a table that is cut off',
      record('openstack-3.table').slice(0, -30),
      /table of an OpenStack client, but/,
    ],
    [
      'a list of images as a table',
      '+----+------+\n| ID | Name |\n+----+------+\n| 1  | a    |\n+----+------+',
      /not the table of one image/,
    ],
    [
      'a value that the client broke',
      record('openstack-3-broken-word.table'),
      /the value of properties was wrapped/,
    ],
    ['broken Python', `properties="{'a': b}"`, /-f shell.*b at character 7 is not expected/],
    ['two lines of properties', `a_properties="x='1'"\nb_properties="x='2'"`, /several lines of properties/],
    ['broken YAML', 'properties: {\n a', /it is not YAML/],
  ];
  for (const [name, text, message] of unreadable) {
    it(`refuses ${name}, and names the form`, async () => {
      await assert.rejects(parseImageRecord(text), (error: Error) => {
        assert.ok(error instanceof UnreadableRecord, String(error));
        assert.match(error.message, message);
        return true;
      });
    });
  }

  it('gives a record or refuses, whatever the text', async () => {
    const sign = fc.constantFrom(
      ...Array.from(`{}[]()'"\\,:=|+- \nTFN01`),
      'properties',
      'Field',
      'Value',
      'name',
      '\\x',
      'None',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(sign, { maxLength: 40 }), async (signs) => {
        try {
          assert.equal(typeof (await parseImageRecord(signs.join(''))).properties, 'object');
        } catch (error) {
          assert.ok(error instanceof UnreadableRecord, String(error));
        }
      }),
    );
  });
});
