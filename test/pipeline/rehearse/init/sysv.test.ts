import assert from 'node:assert/strict';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { Service } from '../../../../images/guest/init/service.js';
import { sysv } from '../../../../pipeline/rehearse/init/sysv.js';
import { plant } from '../../../support/trees.js';
import { scratch } from '../../../support/scratch.js';
import { guestAt } from '../evidence/guest-at.js';

const script: Service = {
  name: 'nova-agent',
  aliases: [],
  origin: 'script',
  state: 'enabled',
  evidence: [],
  exec: [],
  id: 'nova-agent',
  path: '/etc/init.d/nova-agent',
};

describe('a booted SysV init', () => {
  it('is told nothing, keeps no account of its boot, and ends it by entering a runlevel', () => {
    assert.deepEqual([sysv.arguments, sysv.bootClaims(guestAt('/'))], [[], []]);
    assert.ok(sysv.endsBoot('INIT: Entering runlevel: 2'));
    assert.ok(!sysv.endsBoot('INIT: Entering runlevel: 6'));
    assert.ok(!sysv.endsBoot('systemd[1]: Startup finished in 1.234s.'));
  });

  for (const [what, afterMs, atMs] of [
    ['after the guest was started', 1500, 1500],
    ['before, in another life of the image', -1000, undefined],
  ] as const) {
    it(`takes a script that was read ${what} for ${atMs === undefined ? 'not started' : 'started then'}`, async () => {
      using place = scratch();
      plant(place.root, { '/etc/init.d/nova-agent': '#!/bin/sh\n' });
      const guest = guestAt(place.root);
      const at = (guest.startedAt.clock + afterMs) / 1000;
      utimesSync(join(place.root, script.path), at, at);
      const start = await sysv.startOf(guest, script);
      assert.deepEqual(
        start && [Math.round(start.atMs), start.seen],
        atMs && [atMs, '/etc/init.d/nova-agent was run'],
      );
    });
  }

  it('knows of no start of a script that is not there', async () => {
    using place = scratch();
    plant(place.root, { '/etc/passwd': '' });
    assert.equal(await sysv.startOf(guestAt(place.root), script), undefined);
  });

  it('left the agent unstarted once it has entered its runlevel and no script runs any more', async () => {
    const entered = ['INIT: Entering runlevel: 2'];
    assert.equal(await sysv.leftAgentUnstarted(guestAt('/')), false);
    assert.equal(await sysv.leftAgentUnstarted(guestAt('/', {}, entered)), true);
  });
});
