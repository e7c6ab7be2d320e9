import assert from 'node:assert/strict';
import { cloudInitNetworkCheck as check, example } from '../../checks/cloud-init-network.js';
import { cloudInitNetworkFixer } from '../../fixers/cloud-init-network.js';
import type { InstallOrder, Installer } from '../../fixers/lib/installer.js';
import { write } from '../../images/image/change.js';
import { memoryImage } from '../../images/image/memory.js';
import { agentAndCloudInit, wants } from '../guests/agent-and-cloud-init.js';
import { installerOf, order } from '../support/installer.js';
import { aCloudInit, aNetwork, anOs, noCloudInit } from '../support/facts.js';
import { inShort, planFor, testRepair } from '../support/fixer-tester.js';

const image = memoryImage(agentAndCloudInit);

describe('fixer cloud-init-network', () => {
  testRepair(cloudInitNetworkFixer, check, example);

  const cases: readonly [string, ReturnType<typeof aNetwork>, string[], Parameters<typeof anOs>[0]?][] = [
    ['what makes routes', aNetwork({ lacksRoute: true }), ['net-tools']],
    ['ifupdown', aNetwork({ renderer: undefined }), ['ifupdown', 'net-tools']],
    [
      'netplan, where it is preferred',
      aNetwork({ renderer: undefined, order: ['netplan', 'eni'] }),
      ['netplan.io'],
    ],
    ['nothing that is known', aNetwork({ renderer: undefined, order: ['networkd'] }), []],
    ['NetworkManager', aNetwork({ renderer: undefined }), ['NetworkManager'], { family: 'redhat' }],
    ['nothing on others', aNetwork({ renderer: undefined }), [], { family: 'suse' }],
    ['nothing that is there', aNetwork(), []],
  ];
  for (const [name, cloudInitNetwork, expected, os] of cases) {
    it(`installs ${name}`, async () => {
      const asked: string[][] = [];
      const facts = { cloudInit: aCloudInit(), cloudInitNetwork, os: anOs(os) };
      await planFor(cloudInitNetworkFixer, image, facts, { installer: installerOf(order, asked) });
      assert.deepEqual(asked.flat(), expected);
      const without: string[][] = [];
      await planFor(cloudInitNetworkFixer, image, facts, { installer: installerOf(undefined, without) });
      assert.deepEqual(without, []);
    });
  }

  it('has the file taken in and the service enabled, and then has nothing to do', async () => {
    const facts = { cloudInit: aCloudInit(), cloudInitNetwork: aNetwork({ started: false }), os: anOs() };
    const { changes, after } = await planFor(cloudInitNetworkFixer, image, facts);
    assert.deepEqual(inShort(changes), [
      'write /etc/network/interfaces',
      `link ${wants}/networking.service -> /lib/systemd/system/networking.service`,
    ]);
    assert.deepEqual((await planFor(cloudInitNetworkFixer, after, facts)).changes, []);
  });

  it('does nothing without cloud-init, and refuses to take from a file what is not in it', async () => {
    const facts = { cloudInit: aCloudInit(), cloudInitNetwork: aNetwork({ lacksRoute: true }), os: anOs() };
    const none = { ...facts, cloudInit: noCloudInit };
    assert.deepEqual((await planFor(cloudInitNetworkFixer, image, none)).changes, []);
    const file: InstallOrder = { offline: true, source: { kind: 'file', path: '/c.deb', format: 'deb' } };
    await assert.rejects(
      planFor(cloudInitNetworkFixer, image, facts, { installer: installerOf(file) }),
      /net-tools is not installed, and does not come with cloud-init/,
    );
    const dependencies = { kind: 'folder', path: '/repo' } as const;
    const both: InstallOrder = {
      offline: false,
      source: { kind: 'file', path: '/c.deb', format: 'deb', dependencies },
    };
    const sources: unknown[] = [];
    const installer: Installer = {
      ...installerOf(both),
      install: (order, { names: [name = ''] }, view) => {
        sources.push(order.source);
        return write(view, `/usr/share/${name}`, 'installed\n');
      },
    };
    await planFor(cloudInitNetworkFixer, image, facts, { installer });
    assert.deepEqual(sources, [dependencies]);
  });
});
