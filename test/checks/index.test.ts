import assert from 'node:assert/strict';
import { examples } from '../../checks/examples.js';
import { checks as imageChecks } from '../../checks/index.js';
import { snapshotChecks } from '../../checks/snapshot.js';
import { fixers } from '../../fixers/index.js';

const checks = [...imageChecks, ...snapshotChecks];

/** Ids that are in use: configuration files, waivers and reports name them, so none may go or be renamed. */
const published = [
  'agent-enabled',
  'agent-installed',
  'agent-log',
  'agent-retired',
  'agent-runnable',
  'agent-running',
  'agent-unique',
  'agent-version',
  'boot-cycles',
  'cloud-init-datasource',
  'cloud-init-enabled',
  'cloud-init-installed',
  'cloud-init-network',
  'image-metadata',
  'lsb-headers',
  'network-leftovers',
  'network-owner',
  'os-supported',
  'snapshot-contents',
  'sysv-symlink',
  'tunnels-present',
  'vpn-autostart',
  'xe-enabled',
  'xe-installed',
  'xe-ordering',
  'xe-running',
  'xenstore-reachable',
];

describe('the checks', () => {
  it('of what runs are asked only for a snapshot, but whether the agent answers', () => {
    assert.deepEqual(
      checks.filter(({ meta }) => meta.live && meta.scope !== 'snapshot').map(({ meta }) => meta.id),
      ['agent-answers'],
    );
  });

  it('keep every id that is in use', () => {
    assert.deepEqual(
      published.filter((id) => !checks.some(({ meta }) => meta.id === id)),
      [],
    );
  });

  it('have an example each', () => {
    assert.deepEqual(Object.keys(examples), checks.map(({ meta }) => meta.id).sort());
  });

  for (const { meta } of checks) {
    it(`${meta.id} is documented`, () => {
      assert.notEqual(meta.title, meta.failureTitle);
      assert.ok(meta.targets.length > 0, 'it is asked for no target');
      assert.ok(meta.families.length > 0, 'it judges no family of guest');
      assert.ok(Object.keys(meta.messages).length > 0, 'it has no message');
      for (const text of [meta.title, meta.failureTitle, ...Object.values(meta.messages)])
        assert.doesNotMatch(text, /TODO|\.$/, 'a title or message is unfinished, or ends with a full stop');
      for (const text of [meta.docs.why, meta.docs.remedy]) {
        assert.ok(text.length > 80 && /[.)]$/.test(text), `too short, or without a full stop: ${text}`);
        assert.doesNotMatch(text, /\s{2}|\{\{|TODO/);
      }
      assert.ok(meta.docs.references.length > 0, 'it has no reference');
      for (const { title, where } of meta.docs.references) assert.ok(title !== '' && where !== '');
    });
  }

  it('have at most one repair each, and every repair has a check of an image', () => {
    const repaired = fixers.map(({ meta }) => meta.id);
    assert.equal(new Set(repaired).size, repaired.length);
    assert.deepEqual(
      repaired.filter((id) => !imageChecks.some(({ meta }) => meta.id === id)),
      [],
    );
  });
});
