import assert from 'node:assert/strict';
import { orAnnounced } from '../../../../pipeline/rehearse/evidence/announced-route.js';
import { claimed } from '../../../../pipeline/rehearse/evidence/claim.js';
import { networkSourceClaims } from '../../../../pipeline/rehearse/evidence/network-source.js';
import { expectedOf } from '../../../../pipeline/rehearse/nova/vm-data.js';
import { guestAt } from './guest-at.js';

const asked =
  'grep -oE network config is disabled by [^ ]+|Applying network configuration from [^ ]+ /var/log/cloud-init.log';

describe('the source of the network’s configuration', () => {
  for (const [said, outcome, seen] of [
    ['Applying network configuration from ds', 'pass', /from the config drive$/],
    ['Applying network configuration from fallback', 'fail', /its own fallback/],
    ['network config is disabled by system_cfg', 'fail', /left the network alone.*\/etc\/cloud/],
    ['network config is disabled by ds', 'fail', /left the network alone/],
    ['network config is disabled by /var/lib/cloud/data/upgraded-network', 'fail', /upgraded-network/],
    ['network config is disabled by ds\nApplying network configuration from ds', 'pass', /config drive/],
    ['', 'not-proven', /does not say/],
  ] as const) {
    it(`is told from “${said.replace('\n', ' … ')}”`, async () => {
      const [claim] = await networkSourceClaims(guestAt('/', { [asked]: `${said}\n` }));
      assert.equal(claim?.outcome, outcome);
      assert.match(claim.seen, seen);
    });
  }
});

describe('a default route through a router that announces itself', () => {
  const interfaces = ['fe80::def', '2001:db8::1'].map((gateway6, at) =>
    expectedOf({
      device: `eth${at}`,
      mac: `BC:76:4E:04:CF:E${at}`,
      label: 'a',
      ipv6: ['2001:db8::2/64'],
      gateway6,
    }),
  );
  const refuted = (device: string) =>
    claimed(`route ${device} IPv6 default`, 'a route', false, 'there is none');
  const accepting = (value: string) => ({
    'cat /proc/sys/net/ipv6/conf/eth0/accept_ra': value,
    'cat /proc/sys/net/ipv6/conf/eth1/accept_ra': value,
  });
  const judge = async (device: string, value: string): Promise<string | undefined> =>
    (await orAnnounced(guestAt('/', accepting(value)), interfaces, [refuted(device)]))[0]?.outcome;

  it('is not refuted when the guest would listen to it', async () => {
    assert.equal(await judge('eth0', '1\n'), 'not-proven');
  });

  it('is refuted when the guest would not', async () => {
    assert.equal(await judge('eth0', '0\n'), 'fail');
  });

  it('is refuted when its address is not of the link alone', async () => {
    assert.equal(await judge('eth1', '1\n'), 'fail');
  });

  it('leaves other claims as they are', async () => {
    const claims = [
      claimed('route eth0 IPv4 default', 'a', false, 'b'),
      claimed('route eth0 IPv6 default', 'a', true, 'b'),
    ];
    assert.deepEqual(await orAnnounced(guestAt('/', accepting('1')), interfaces, claims), claims);
  });
});
