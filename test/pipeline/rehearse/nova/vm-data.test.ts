import assert from 'node:assert/strict';
import {
  expectedOf,
  networkInfo,
  removeInterface,
  renewVmData,
  writeInterface,
  writeVmData,
} from '../../../../pipeline/rehearse/nova/vm-data.js';
import { parseScenario, readScenario } from '../../../../pipeline/rehearse/scenario-file.js';
import type { Interface } from '../../../../pipeline/rehearse/scenario.js';
import { XenStore } from '../../../../pipeline/rehearse/xenstore/store.js';

/** The interface of "All About Nova-Agent". */
const documented: Interface = {
  device: 'eth0',
  mac: 'BC:76:4E:04:CF:E5',
  label: 'public',
  ipv4: ['166.78.10.124/24'],
  gateway: '166.78.10.1',
  ipv6: ['2001:4800:7810:0512:e38a:a8b5:ff04:cfe5/64'],
  gateway6: 'fe80::def',
  dns: ['72.3.128.241', '72.3.128.240'],
};

describe('vm-data', () => {
  it('has at a later boot what the cloud says of the server, but for its host name, and nothing of the guest', async () => {
    const store = new XenStore();
    const scenario = await readScenario();
    writeVmData(store, scenario);
    store.write('data/host/1', '{}');
    store.write('data/guest/2', '{}');
    store.write('attr/eth0/ip', '203.0.113.124');
    renewVmData(store);
    for (const path of ['data', 'data/host/1', 'attr', 'vm-data/hostname'])
      assert.equal(store.read(path), undefined, path);
    assert.equal(store.read('vm-data/provider_data/provider'), 'Rackspace');
    assert.match(store.read('vm-data/networking/BC764E04CFE5') ?? '', /203\.0\.113\.124/);
  });

  it('is what xenstore-read shows in "All About Nova-Agent"', () => {
    assert.deepEqual(JSON.parse(networkInfo(documented)), {
      broadcast: '166.78.10.255',
      dns: ['72.3.128.241', '72.3.128.240'],
      gateway: '166.78.10.1',
      gateway_v6: 'fe80::def',
      ip6s: [
        { enabled: '1', gateway: 'fe80::def', ip: '2001:4800:7810:512:e38a:a8b5:ff04:cfe5', netmask: 64 },
      ],
      ips: [{ enabled: '1', gateway: '166.78.10.1', ip: '166.78.10.124', netmask: '255.255.255.0' }],
      label: 'public',
      mac: 'BC:76:4E:04:CF:E5',
    });
  });

  it('has routes as network, mask and gateway', () => {
    const routes = [{ to: '10.214.3.7/12', via: '10.181.0.1' }];
    assert.deepEqual(
      JSON.parse(networkInfo({ device: 'eth1', mac: 'x', label: 'a', ipv4: ['10.181.30.181/17'], routes })),
      {
        label: 'a',
        mac: 'x',
        broadcast: '10.181.127.255',
        dns: [],
        ips: [{ ip: '10.181.30.181', netmask: '255.255.128.0', enabled: '1' }],
        routes: [{ route: '10.208.0.0', netmask: '255.240.0.0', gateway: '10.181.0.1' }],
      },
    );
  });

  it('lies where the agents look for it', async () => {
    const store = new XenStore();
    const text = [
      'name: a',
      'hostName: test',
      'provider: {name: Rackspace, region: dfw, roles: ["identity:user-admin", admin], ipWhitelist: [1.2.3.4, 1.2.3.8/29]}',
      'userMetadata: {build: "7 \\""}',
      'autoDiskConfig: false',
      "interfaces: [{device: eth0, mac: 'BC:76:4E:04:CF:E5', label: public, ipv4: [166.78.10.124/24]}]",
      'rounds: [{name: a, send: [version]}]',
    ];
    writeVmData(store, await parseScenario(text.join('\n'), 'x'));
    assert.deepEqual(tree(store, 'vm-data'), {
      'vm-data/hostname': 'test',
      'vm-data/auto-disk-config': 'False',
      'vm-data/provider_data/provider': 'Rackspace',
      'vm-data/provider_data/region': 'dfw',
      'vm-data/provider_data/roles': '["identity:user-admin","admin"]',
      'vm-data/provider_data/ip_whitelist/0': '1.2.3.4',
      'vm-data/provider_data/ip_whitelist/1': '1.2.3.8/29',
      'vm-data/user-metadata/build': '"7 \\""',
      'vm-data/networking/BC764E04CFE5':
        '{"label":"public","mac":"BC:76:4E:04:CF:E5","broadcast":"166.78.10.255","dns":[],"ips":[{"ip":"166.78.10.124","netmask":"255.255.255.0","enabled":"1"}]}',
    });
  });

  it('knows of a network from when it is added until it is removed', () => {
    const store = new XenStore();
    writeInterface(store, documented);
    assert.deepEqual(store.list('vm-data/networking'), ['BC764E04CFE5']);
    removeInterface(store, documented);
    assert.deepEqual(store.list('vm-data/networking'), []);
  });

  it('says what the guest must make of it', () => {
    const routes = [{ to: '10.214.3.7/12', via: '10.181.0.1' }];
    assert.deepEqual(expectedOf({ ...documented, routes }), {
      device: 'eth0',
      mac: 'bc:76:4e:04:cf:e5',
      label: 'public',
      addresses: ['166.78.10.124/24', '2001:4800:7810:512:e38a:a8b5:ff04:cfe5/64'],
      routes: [
        { family: 4, to: 'default', via: '166.78.10.1' },
        { family: 6, to: 'default', via: 'fe80::def' },
        { family: 4, to: '10.208.0.0/12', via: '10.181.0.1' },
      ],
      dns: ['72.3.128.241', '72.3.128.240'],
    });
  });
});

/** The leaves below a node, by their path. */
function tree(store: XenStore, path: string): Record<string, string | undefined> {
  const names = store.list(path);
  if (names.length === 0) return { [path]: store.read(path) };
  return Object.assign({}, ...names.map((name) => tree(store, `${path}/${name}`))) as Record<string, string>;
}
