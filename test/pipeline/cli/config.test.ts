import assert from 'node:assert/strict';
import { checks } from '../../../checks/index.js';
import { snapshotChecks } from '../../../checks/snapshot.js';
import { UsageError } from '../../../images/base/errors.js';
import { parseConfig, readConfig } from '../../../pipeline/cli/config.js';
import { parseMetadata } from '../../../pipeline/cli/metadata.js';

describe('config', () => {
  it('takes what the schema knows', async () => {
    const text =
      'target: cloud-init\nfailOn: warning\nwaivers:\n  - {check: os-supported, reason: frozen, expires: 2027-01-01}\n';
    assert.deepEqual(await parseConfig(text, 'x'), {
      target: 'cloud-init',
      failOn: 'warning',
      waivers: [{ check: 'os-supported', reason: 'frozen', expires: '2027-01-01' }],
    });
    assert.deepEqual(await parseConfig('', 'x'), {});
  });

  it('may name every check of the product, whichever command asks it', async () => {
    const named = [...checks, ...snapshotChecks].map(({ meta }) => meta.id);
    const waivers = named.map((check) => ({ check, reason: 'known', expires: '2027-01-01' }));
    const config = { only: named, skip: named, waivers };
    assert.deepEqual(await parseConfig(JSON.stringify(config), 'x'), config);
  });

  const bad: [string, RegExp][] = [
    [
      'skip:\n  - os-supported\n  - snapshot\n',
      /^x:3: skip\.1 is not a check: there is no check "snapshot"$/,
    ],
    ['only: [agent-logs]\n', /^x:1: only\.0 is not a check: there is no check "agent-logs"$/],
    [
      'target: both\n',
      /^x:1: target must be equal to one of the allowed values: auto, nova-agent, cloud-init$/,
    ],
    ['only: [os-supported]\nfail-on: error\n', /^x:1: the file has an unknown key: fail-on$/],
    ['waivers:\n  - check: a\n    reason: b\n', /^x:2: waivers.0 must have required property 'expires'/],
    [
      'waivers:\n  - check: a\n    reason: b\n    expires: soon\n',
      /^x:4: waivers.0.expires must match pattern/,
    ],
    ['a: [\n', /^x:\d+: /],
    ['- a\n', /^x:1: the file must be object/],
    [
      'waivers:\n  - check: a\n    reason: b\n    expires: 2027-02-31\n',
      /^x:4: waivers.0.expires is not a calendar day$/,
    ],
    [
      `a: &a [x]\nb: &b [${Array(50).fill('*a').join()}]\nc: [${Array(50).fill('*b').join()}]\n`,
      /^x:1: Excessive alias count/,
    ],
  ];
  for (const [text, message] of bad) {
    it(`refuses ${JSON.stringify(text)} in one line`, async () => {
      await assert.rejects(
        parseConfig(text, 'x'),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    });
  }

  it('must exist when it is named, and need not when it is not', async () => {
    await assert.rejects(
      readConfig('/nowhere/hallmark.yaml'),
      /cannot read \/nowhere\/hallmark.yaml: there is no such file/,
    );
    assert.deepEqual(await readConfig(undefined), {});
  });
});

describe('metadata', () => {
  it('takes what clients print, and keeps the name of the image', async () => {
    assert.deepEqual(await parseMetadata('{"vm_mode":"hvm"}', 'x'), { vm_mode: 'hvm' });
    assert.deepEqual(await parseMetadata('{"name":"i","properties":{"vm_mode":"hvm"}}', 'x'), {
      name: 'i',
      vm_mode: 'hvm',
    });
  });
  for (const text of ['', '[]', 'null', '"x"', '{', '{"properties":[]}']) {
    it(`refuses ${JSON.stringify(text)}`, async () => {
      await assert.rejects(parseMetadata(text, 'x'), UsageError);
    });
  }
});
