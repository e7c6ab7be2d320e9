import assert from 'node:assert/strict';
import { vpnAutostart as check, example } from '../../checks/vpn-autostart.js';
import { vpnAutostart } from '../../fixers/vpn-autostart.js';
import { type VpnRecord, recordPath, vpnRecord } from '../../images/guest/vpn/record.js';
import { remove, write } from '../../images/image/change.js';
import { sha256 } from '../../images/base/sha256.js';
import { factsOf } from '../../images/guest/fact.js';
import type { Vpn } from '../../images/guest/vpn/vpn.js';
import type { Image } from '../../images/image/image.js';
import { memoryImage } from '../../images/image/memory.js';
import { aVpn } from '../support/facts.js';
import { inShort, planFor, testRepair } from '../support/fixer-tester.js';

const defaults = '/etc/default/openvpn';
const wants = '/etc/systemd/system/multi-user.target.wants/wg-quick@wg0.service';
const netdev = '/etc/systemd/network/wg1.netdev';
const secret = 'PrivateKey=c2VjcmV0';
const files = {
  [defaults]: '# which\nAUTOSTART="all"\n#\nOPTARGS=""\n',
  [wants]: { link: '/lib/systemd/system/wg-quick@.service' },
  [netdev]: { content: `[NetDev]\nKind=wireguard\n[WireGuard]\n${secret}\n`, mode: 0o640 },
};

const openvpn = aVpn({
  disable: async (image) => {
    const text = (await image.readText(defaults)) ?? '';
    return write(image, defaults, text.replace('AUTOSTART="all"', 'AUTOSTART="none"'));
  },
});
const wireguard = aVpn({ product: 'wireguard', name: 'wg0', disable: (image) => remove(image, wants) });
const networkd = aVpn({
  product: 'wireguard',
  name: 'wg1',
  disable: async (image) => {
    const bytes = await image.readFile(netdev);
    return [
      ...(await write(image, `${netdev}.off`, bytes ?? '', { mode: 0o640 })),
      ...(await remove(image, netdev)),
    ];
  },
});
const loses = aVpn({ product: 'nebula', name: 'x', disable: (image) => remove(image, netdev) });

async function recordOf(image: Image): Promise<VpnRecord> {
  return JSON.parse((await image.readText(recordPath)) ?? 'null') as VpnRecord;
}

async function plan(image: Image, ...vpns: readonly Vpn[]) {
  return planFor(vpnAutostart, image, { vpns, vpnRecord: await factsOf(image)(vpnRecord) });
}

describe('fixer vpn-autostart', () => {
  testRepair(vpnAutostart, check, example);

  it('switches off every VPN and records how to put it back, without the secrets of moved files', async () => {
    const { changes, after } = await plan(memoryImage(files), networkd, openvpn, wireguard);
    assert.equal(await after.readText(defaults), '# which\nAUTOSTART="none"\n#\nOPTARGS=""\n');
    assert.equal(await after.lstat(wants), undefined);
    const record = await recordOf(after);
    assert.equal(record.format, 1);
    assert.equal(record.since, '2026-01-15');
    const left = sha256(Buffer.from('# which\nAUTOSTART="none"\n#\nOPTARGS=""\n'));
    assert.deepEqual(record.entries, [
      {
        path: defaults,
        was: {
          type: 'lines',
          hunks: [{ line: 2, was: ['AUTOSTART="all"'], now: ['AUTOSTART="none"'] }],
          sha256: sha256(Buffer.from(files[defaults])),
          mode: 0o644,
        },
        now: { type: 'file', sha256: left, mode: 0o644 },
      },
      {
        path: `${netdev}.off`,
        was: { type: 'absent' },
        now: { type: 'file', sha256: sha256(Buffer.from(files[netdev].content)), mode: 0o640 },
      },
      {
        path: wants,
        was: { type: 'link', target: '/lib/systemd/system/wg-quick@.service' },
        now: { type: 'absent' },
      },
      {
        path: netdev,
        was: { type: 'moved', to: `${netdev}.off`, mode: 0o640, uid: 0, gid: 0 },
        now: { type: 'absent' },
      },
    ]);
    assert.ok(!(await after.readText(recordPath))?.includes(secret));
    const written = changes.find(({ path }) => path === recordPath);
    assert.ok(written?.kind === 'write' && written.posix?.mode === 0o600 && written.posix.uid === 0);
  });

  it('plans nothing the second time', async () => {
    const { after } = await plan(memoryImage(files), openvpn, wireguard);
    assert.deepEqual((await plan(after, openvpn, wireguard)).changes, []);
    assert.deepEqual((await plan(after)).changes, []);
  });

  it('lets each VPN see what the one before it changed', async () => {
    const other = aVpn({
      name: 'client2',
      disable: async (image) =>
        write(image, defaults, `${(await image.readText(defaults)) ?? ''}# client2 off\n`),
    });
    const { after } = await plan(memoryImage(files), openvpn, other);
    assert.match((await after.readText(defaults)) ?? '', /"none"[^]*client2 off/);
    const entry = (await recordOf(after)).entries.find(({ path }) => path === defaults);
    assert.ok(entry?.was.type === 'lines' && entry.was.hunks.length === 2);
  });

  it('leaves a VPN alone whose start could not be put back', async () => {
    const { changes } = await plan(memoryImage(files), loses, wireguard);
    assert.deepEqual(
      inShort(changes).filter((line) => !line.startsWith('directory')),
      [`remove ${wants}`, `write ${recordPath}`],
    );
  });

  it('keeps an earlier record, and refuses one that it cannot read', async () => {
    const first = await plan(memoryImage(files), openvpn);
    const second = await plan(first.after, wireguard);
    assert.deepEqual(
      (await recordOf(second.after)).entries.map(({ path }) => path),
      [defaults, wants],
    );
    const head = '{"format":1,"about":"","since":"2026-01-15","entries":';
    const entry = (path: string, was: string, now = '{"type":"absent"}'): string =>
      `${head}[{"path":"${path}","was":${was},"now":${now}}]}`;
    for (const text of [
      '{',
      'null',
      '{"format":2,"about":"","since":"2026-01-15","entries":[]}',
      '{"format":1}',
      `${head}[null]}`,
      entry('etc/x', '{"type":"absent"}'),
      entry('/etc/../x', '{"type":"absent"}'),
      entry('/etc/x', '{"type":"whole"}'),
      entry('/etc/x', '{"type":"link"}'),
      entry('/etc/x', '{"type":"absent"}', '{"type":"file","sha256":"0"}'),
      entry(
        '/etc/x',
        `{"type":"lines","hunks":[{"line":0,"was":[],"now":[]}],"sha256":"${'0'.repeat(64)}","mode":420}`,
      ),
      entry(
        '/etc/x',
        `{"type":"lines","hunks":[{"line":1,"was":["a\\nb"],"now":[]}],"sha256":"${'0'.repeat(64)}","mode":420}`,
      ),
      entry('/etc/x', '{"type":"moved","to":"/etc/y","mode":65536,"uid":0,"gid":0}'),
    ]) {
      await assert.rejects(
        plan(memoryImage({ ...files, [recordPath]: text }), openvpn),
        /vpn-autostart\.json (?:is not JSON|has a format)/,
      );
    }
  });
});
