import assert from 'node:assert/strict';
import fc from 'fast-check';
import { vpnAutostart } from '../../fixers/vpn-autostart.js';
import { type VpnRecord, entriesFor, recordPath, recordedVpns } from '../../fixers/lib/vpn-record.js';
import { link, remove, write } from '../../images/change.js';
import { factsOf } from '../../images/guest/fact.js';
import type { Vpn } from '../../images/guest/vpn/vpn.js';
import type { Change, GuestPath, Image } from '../../images/image.js';
import { memoryImage } from '../../images/memory.js';
import { overlay } from '../../images/overlay.js';
import { aVpn } from '../support/facts.js';
import { inShort, planFor } from '../support/fixer-tester.js';

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
  return planFor(vpnAutostart, image, { vpns, recordedVpns: await factsOf(image)(recordedVpns) });
}

describe('fixer vpn-autostart', () => {
  it('switches off every VPN and records how to put it back, without the secrets of moved files', async () => {
    const { changes, after } = await plan(memoryImage(files), networkd, openvpn, wireguard);
    assert.equal(await after.readText(defaults), '# which\nAUTOSTART="none"\n#\nOPTARGS=""\n');
    assert.equal(await after.lstat(wants), undefined);
    const record = await recordOf(after);
    assert.equal(record.format, 1);
    assert.deepEqual(record.entries, [
      {
        path: defaults,
        was: { type: 'lines', hunks: [{ line: 2, was: ['AUTOSTART="all"'], now: ['AUTOSTART="none"'] }] },
      },
      { path: `${netdev}.off`, was: { type: 'absent' } },
      { path: wants, was: { type: 'link', target: '/lib/systemd/system/wg-quick@.service' } },
      { path: netdev, was: { type: 'moved', to: `${netdev}.off` } },
    ]);
    assert.ok(!(await after.readText(recordPath))?.includes(secret));
    const written = changes.find(({ path }) => path === recordPath);
    assert.ok(written?.kind === 'write' && written.mode === 0o600 && written.uid === 0);
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
    for (const text of ['{', 'null', '{"format":2,"entries":[]}', '{"format":1}']) {
      await assert.rejects(
        plan(memoryImage({ ...files, [recordPath]: text }), openvpn),
        /vpn-autostart\.json is n/,
      );
    }
  });
});

describe('the VPN record', () => {
  const path: GuestPath = '/f';

  /** What a restore has to do: the hunks from the last to the first. */
  function undo(
    text: string,
    hunks: readonly { line: number; was: readonly string[]; now: readonly string[] }[],
  ): string {
    const lines = text.split('\n');
    for (const { line, was, now } of [...hunks].reverse()) {
      assert.deepEqual(lines.slice(line - 1, line - 1 + now.length), now);
      lines.splice(line - 1, now.length, ...was);
    }
    return lines.join('\n');
  }

  it('can take back any edit of any text', async () => {
    const lines = fc.array(fc.constantFrom('a', 'b', '', 'auto tun0'), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(lines, lines, async (before, after) => {
        const image = memoryImage({ [path]: before.join('\n') });
        const changes = await write(image, path, after.join('\n'));
        const [entry] = (await entriesFor(image, changes)) ?? [];
        if (changes.length === 0) return;
        assert.ok(entry?.was.type === 'lines');
        assert.equal(undo(after.join('\n'), entry.was.hunks), before.join('\n'));
      }),
    );
  });

  it('refuses what it could not take back: a file replaced by a link, a file removed, a directory removed', async () => {
    const image = memoryImage({ [path]: 'text', '/d': { type: 'directory' } });
    const lost: readonly (readonly Change[])[] = [
      await link(image, path, '/dev/null'),
      await remove(image, path),
      await remove(image, '/d'),
    ];
    for (const changes of lost) assert.equal(await entriesFor(image, changes), undefined);
  });

  it('records a mask, and a link that was replaced', async () => {
    const image = memoryImage({ '/l': { link: '/old' } });
    const mask = await link(image, '/etc', '/dev/null');
    const changes = [...mask, ...(await link(await overlay(image, mask), '/l', '/new'))];
    assert.deepEqual(await entriesFor(image, changes), [
      { path: '/etc', was: { type: 'absent' } },
      { path: '/l', was: { type: 'link', target: '/old' } },
    ]);
  });
});
