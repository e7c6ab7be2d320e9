import assert from 'node:assert/strict';
import { factsOf } from '../../images/guest/fact.js';
import { memoryImage } from '../../images/image/memory.js';
import { chooseTarget } from '../../pipeline/target.js';
import { executable } from '../support/vpn-guests.js';

const debian = {
  '/etc/os-release': 'ID=debian\nVERSION_ID=12\n',
  '/var/lib/dpkg/status': 'Package: base-files\nStatus: install ok installed\nVersion: 12\n',
};
const agent = { '/usr/bin/nova-agent': executable('#!/usr/bin/python3\nimport novaagent\n') };
/** Its parts lie where this release does not look, so nothing can be said of it. */
const oddCloudInit = {
  '/usr/bin/cloud-init': executable('#!/usr/bin/python3\n'),
  '/etc/cloud/cloud.cfg': 'conf_d: /elsewhere\n',
};

describe('target', () => {
  it('is nova-agent when one is installed, whatever cloud-init is like', async () => {
    const get = factsOf(memoryImage({ ...debian, ...agent, ...oddCloudInit }));
    assert.equal((await chooseTarget('auto', get, undefined)).chosen, 'nova-agent');
  });

  it('cannot be told when it hangs on a cloud-init that cannot be read', async () => {
    const get = factsOf(memoryImage({ ...debian, ...oddCloudInit }));
    await assert.rejects(chooseTarget('auto', get, undefined), /conf_d/);
  });
});
