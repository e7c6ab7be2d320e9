import assert from 'node:assert/strict';
import { checks as imageChecks } from '../../checks/index.js';
import { snapshotChecks } from '../../checks/snapshot.js';
import { fixers } from '../../fixers/index.js';

/** Configuration files, waivers and reports name rules by id: a change breaks them. */
const ids = [
  'agent-enabled',
  'agent-installed',
  'agent-log',
  'agent-retired',
  'agent-runnable',
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
  'sysv-symlink',
  'vpn-autostart',
  'xe-enabled',
  'xe-installed',
  'xe-ordering',
];

/** What only a snapshot asks. */
const snapshotIds = [
  'agent-running',
  'snapshot-contents',
  'tunnels-present',
  'xe-running',
  'xenstore-reachable',
];

const checks = [...imageChecks, ...snapshotChecks];

describe('the rules', () => {
  it('are these, sorted by id', () => {
    assert.deepEqual(
      imageChecks.map(({ meta }) => meta.id),
      ids,
    );
  });

  it('are, of a snapshot, these besides, and none of them is asked of an image', () => {
    assert.deepEqual(
      snapshotChecks.map(({ meta }) => meta.id),
      snapshotIds,
    );
    assert.deepEqual(
      imageChecks.filter(({ meta }) => meta.live),
      [],
    );
  });

  for (const { meta } of checks) {
    it(`${meta.id} is documented`, () => {
      assert.notEqual(meta.title, meta.failureTitle);
      assert.ok(meta.targets.length > 0);
      assert.ok(Object.keys(meta.messages).length > 0);
      for (const text of [meta.docs.why, meta.docs.remedy]) {
        assert.ok(text.length > 80 && /[.)]$/.test(text), text);
        assert.doesNotMatch(text, /\s{2}|\{\{|TODO/);
      }
      assert.ok(meta.docs.references.length > 0);
      for (const { title, where } of meta.docs.references) assert.ok(title !== '' && where !== '');
    });
  }

  it('have at most one repair each, and every repair has a rule', () => {
    const repaired = fixers.map(({ meta }) => meta.id);
    assert.equal(new Set(repaired).size, repaired.length);
    assert.deepEqual(
      repaired.filter((id) => !ids.includes(id)),
      [],
    );
  });

  it('make services known before they enable them, enable before they order, and order before they judge circles', () => {
    const order = [
      'sysv-symlink',
      'lsb-headers',
      'xe-enabled',
      'agent-enabled',
      'xe-ordering',
      'boot-cycles',
      'network-owner',
    ];
    const places = order.map((id) => fixers.findIndex(({ meta }) => meta.id === id));
    assert.ok(places.every((place) => place >= 0));
    assert.deepEqual(
      places,
      [...places].sort((a, b) => a - b),
    );
  });
});
