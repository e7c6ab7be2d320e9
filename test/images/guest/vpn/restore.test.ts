import assert from 'node:assert/strict';
import fc from 'fast-check';
import { putLinesBack } from '../../../../images/guest/vpn/put-lines-back.js';
import { entriesFor, printRecord, recordPath, vpnRecord } from '../../../../images/guest/vpn/record.js';
import { type Restoration, planRestoration } from '../../../../images/guest/vpn/restore.js';
import { vpnAutostart } from '../../../../fixers/vpn-autostart.js';
import { link, remove, write } from '../../../../images/image/change.js';
import { factsOf } from '../../../../images/guest/fact.js';
import { vpnsFrom } from '../../../../images/guest/vpn/vpns.js';
import type { Change, GuestPath, Image } from '../../../../images/image/image.js';
import { memoryImage } from '../../../../images/image/memory.js';
import { collapse, overlay } from '../../../../images/image/overlay.js';
import { planFor } from '../../../support/fixer-tester.js';
import { cases, guestOf, realServices } from '../../../support/vpn-guests.js';

/** Everything in a guest, a line each: what it is, its attributes, its content or target. */
async function everything(image: Image, path: GuestPath = '/'): Promise<string[]> {
  const lines: string[] = [];
  for (const { name } of (await image.readDir(path)) ?? []) {
    const at: GuestPath = path === '/' ? `/${name}` : `${path}/${name}`;
    const entry = await image.lstat(at);
    const content = entry?.type === 'file' ? await image.readText(at) : entry?.target;
    lines.push(JSON.stringify([at, entry, content]));
    if (entry?.type === 'directory') lines.push(...(await everything(image, at)));
  }
  return lines;
}

async function restore(image: Image): Promise<Restoration & { readonly after: Image }> {
  const record = await factsOf(image)(vpnRecord);
  assert.ok(record, 'there is a record');
  const restoration = await planRestoration(image, record);
  return { ...restoration, after: await overlay(image, restoration.changes) };
}

const wants: GuestPath = '/etc/systemd/system/multi-user.target.wants/wg-quick@wg0.service';
const template = '/lib/systemd/system/wg-quick@.service';
const interfaces: GuestPath = '/etc/network/interfaces';
const netdev: GuestPath = '/etc/systemd/network/wg.netdev';
const text = 'auto lo\nauto tun0\niface tun0 inet manual\n';
const off = 'auto lo\n# auto tun0\niface tun0 inet manual\n';
const secret = '[NetDev]\nKind=wireguard\n';
const guest = memoryImage({
  '/var/lib/x': '',
  [wants]: { link: template },
  [interfaces]: text,
  [netdev]: { content: secret, mode: 0o640, gid: 101 },
});

/** The guest with its VPNs off, and recorded. */
async function prepared(): Promise<Image> {
  const all: Change[] = [
    ...(await remove(guest, wants)),
    ...(await write(guest, interfaces, off)),
    ...(await write(guest, `${netdev}.off`, secret, { mode: 0o640, uid: 0, gid: 101 })),
    ...(await remove(guest, netdev)),
    ...(await link(guest, '/etc/systemd/system/a@v.service', '/dev/null')),
    ...(await write(guest, '/etc/new/made', 'x')),
  ];
  const entries = await entriesFor(guest, collapse(all));
  assert.ok(entries);
  const now = await overlay(guest, all);
  return overlay(now, await write(now, recordPath, printRecord('2026-01-15', entries), { mode: 0o600 }));
}

const changed = async (change: (image: Image) => Promise<Change[]>): Promise<Image> => {
  const image = await prepared();
  return overlay(image, await change(image));
};

describe('restoring from the record', () => {
  for (const [name, system, files] of cases) {
    it(`gives the identical guest back: ${name}`, async () => {
      const image = memoryImage({ '/var/lib/x': '', ...guestOf(system, files) });
      const vpns = vpnsFrom(realServices(system));
      const found = await factsOf(image)(vpns);
      const off = await planFor(vpnAutostart, image, { vpns: found, vpnRecord: undefined });
      assert.ok(off.changes.length > 0);
      assert.deepEqual(await factsOf(off.after)(vpns), []);
      const { after, kept } = await restore(off.after);
      assert.deepEqual(kept, []);
      assert.deepEqual(await everything(after), await everything(image));
    });
  }

  it('names what it puts back, and leaves neither record nor directory behind', async () => {
    const { after, back, kept } = await restore(await prepared());
    assert.deepEqual(back, [
      interfaces,
      '/etc/new',
      '/etc/new/made',
      '/etc/systemd/network/wg.netdev',
      '/etc/systemd/system/a@v.service',
      wants,
    ]);
    assert.deepEqual(kept, []);
    assert.deepEqual(await everything(after), await everything(guest));
  });

  it('keeps a directory of the record in which there is something else', async () => {
    const image = await changed((now) => write(now, '/var/lib/hallmark/locks', ''));
    const { after } = await restore(image);
    assert.equal(await after.lstat(recordPath), undefined);
    assert.ok(await after.lstat('/var/lib/hallmark/locks'));
  });

  it('needs nothing where a person has put it back already', async () => {
    const image = await changed(async (now) => [
      ...(await link(now, wants, template)),
      ...(await write(now, interfaces, text)),
      ...(await remove(now, `${netdev}.off`)),
      ...(await write(now, netdev, secret, { mode: 0o640, gid: 101 })),
      ...(await remove(now, '/etc/systemd/system/a@v.service')),
    ]);
    const { back, kept } = await restore(image);
    assert.deepEqual({ back, kept }, { back: ['/etc/new', '/etc/new/made'], kept: [] });
  });

  const byHand: [string, GuestPath, RegExp, (image: Image) => Promise<Change[]>][] = [
    ['another link', wants, /another link/, (now) => link(now, wants, '/dev/null')],
    [
      'lines that were edited',
      interfaces,
      /these lines were changed/,
      (now) => write(now, interfaces, off.replace('# auto tun0', '#auto tun0 never')),
    ],
    ['a file that was removed', interfaces, /it was removed/, (now) => remove(now, interfaces)],
    ['a file where one was moved away', netdev, /another file/, (now) => write(now, netdev, 'mine')],
    [
      'a moved file that is gone',
      netdev,
      /no longer holds its content/,
      (now) => remove(now, `${netdev}.off`),
    ],
    [
      'a mask that was replaced',
      '/etc/systemd/system/a@v.service',
      /another file/,
      (now) => write(now, '/etc/systemd/system/a@v.service', '[Unit]\n'),
    ],
    [
      'a made file that was edited',
      '/etc/new/made',
      /another file/,
      (now) => write(now, '/etc/new/made', 'y'),
    ],
  ];
  for (const [name, path, reason, change] of byHand) {
    it(`keeps ${name}, says so, and puts the rest back`, async () => {
      const image = await changed(change);
      const was = await image.lstat(path);
      const { after, kept, back } = await restore(image);
      assert.deepEqual(
        kept.map((one) => one.path),
        [path],
      );
      assert.match(kept[0]!.reason, reason);
      assert.deepEqual(await after.lstat(path), was);
      assert.ok(!back.includes(path) && back.length >= 3);
      // What is left stays recorded, and a second time nothing else happens.
      const again = await restore(after);
      assert.deepEqual({ changes: again.changes, kept: again.kept }, { changes: [], kept });
    });
  }

  it('puts a mode back, but not over another that a person chose', async () => {
    const script = memoryImage({ '/etc/ppp/on': { content: '#!/bin/sh\n', mode: 0o755 } });
    const off = await write(script, '/etc/ppp/on', '#!/bin/sh\n', { mode: 0o644 });
    const [entry] = (await entriesFor(script, off)) ?? [];
    assert.ok(entry);
    const record = { format: 1, about: '', since: '2026-01-15', entries: [entry] } as const;
    const modeAfter = async (mode: number): Promise<number | undefined> => {
      const now = memoryImage({ '/etc/ppp/on': { content: '#!/bin/sh\n', mode } });
      const { changes } = await planRestoration(now, record);
      return (await (await overlay(now, changes)).lstat('/etc/ppp/on'))?.mode;
    };
    assert.deepEqual(await Promise.all([0o644, 0o755, 0o700].map(modeAfter)), [0o755, 0o755, 0o700]);
  });

  it('does not take the content of a file that stays moved', async () => {
    const { after } = await restore(await changed((now) => write(now, netdev, 'mine')));
    assert.equal(await after.readText(`${netdev}.off`), secret);
  });

  it('puts its lines back in a file that was edited elsewhere, and moves a file back with what was edited in it', async () => {
    const image = await changed(async (now) => [
      ...(await write(now, interfaces, `# mine\n${off}# mine too\n`)),
      ...(await write(now, `${netdev}.off`, `${secret}# mine\n`)),
    ]);
    const { after, kept } = await restore(image);
    assert.deepEqual(kept, []);
    assert.equal(await after.readText(interfaces), `# mine\n${text}# mine too\n`);
    assert.equal(await after.readText(netdev), `${secret}# mine\n`);
    assert.equal(await after.lstat(`${netdev}.off`), undefined);
  });

  it('tells files with the same content apart by their names', async () => {
    const twins = ['/etc/a.netdev', '/etc/b.netdev'] as const;
    const image = memoryImage(Object.fromEntries(twins.map((path) => [path, secret])));
    const all: Change[] = [];
    for (const path of twins)
      all.push(...(await write(image, `${path}.off`, secret)), ...(await remove(image, path)));
    const entries = (await entriesFor(image, collapse(all))) ?? [];
    const record = { format: 1, about: '', since: '2026-01-15', entries } as const;
    const off = await overlay(image, all);
    const { changes, kept } = await planRestoration(off, record);
    assert.deepEqual(kept, []);
    assert.deepEqual(await everything(await overlay(off, changes)), await everything(image));
    // Under other names they could not be told apart, so such a change is not made.
    const unclear = [
      ...(await write(image, '/x', secret)),
      ...(await write(image, '/y', secret)),
      ...(await remove(image, twins[0])),
    ];
    assert.equal(await entriesFor(image, unclear), undefined);
  });

  it('does not follow a directory that has become a link', async () => {
    const image = memoryImage({
      '/etc/new': { link: '/srv' },
      '/srv/made': 'x',
      [recordPath]: (await (await prepared()).readText(recordPath)) ?? '',
    });
    const { after, kept } = await restore(image);
    assert.ok(kept.some(({ path, reason }) => path === '/etc/new/made' && reason.includes('is now a link')));
    assert.equal(await after.readText('/srv/made'), 'x');
  });
});

describe('putting lines back', () => {
  const path: GuestPath = '/f';
  const someLines = fc.array(fc.constantFrom('a', 'b', '', 'auto tun0'), { maxLength: 12 });

  it('takes back any edit of any text that nobody touched since', async () => {
    await fc.assert(
      fc.asyncProperty(someLines, someLines, async (before, after) => {
        const image = memoryImage({ [path]: before.join('\n') });
        const changes = await write(image, path, after.join('\n'));
        const [entry] = (await entriesFor(image, changes)) ?? [];
        if (changes.length === 0) return;
        assert.ok(entry?.was.type === 'lines');
        assert.equal(putLinesBack(after.join('\n'), entry.was.hunks, true), before.join('\n'));
      }),
    );
  });

  const edit = { line: 2, was: ['auto tun0'], now: ['# auto tun0'] };
  const tests: [string, string, Parameters<typeof putLinesBack>[1], string | undefined][] = [
    ['moved down', 'x\nx\n# auto tun0', [edit], 'x\nx\nauto tun0'],
    ['there twice, once where it was', 'x\n# auto tun0\n# auto tun0', [edit], 'x\nauto tun0\n# auto tun0'],
    ['there twice, elsewhere', '# auto tun0\nx\n# auto tun0', [edit], undefined],
    ['back already', 'x\nx\nauto tun0', [edit], 'x\nx\nauto tun0'],
    ['gone', 'x', [edit], undefined],
    [
      'added, and removed or edited by hand',
      'x',
      [{ line: 2, was: [], now: ['autoconnect=false'] }],
      undefined,
    ],
    ['taken out, the place unknown', 'x\ny', [{ line: 2, was: ['up wg'], now: [] }], undefined],
    ['taken out, and back already', 'x\nup wg\ny', [{ line: 2, was: ['up wg'], now: [] }], 'x\nup wg\ny'],
    ['made empty', 'x\n\ny', [{ line: 2, was: ['up wg'], now: [''] }], undefined],
  ];
  for (const [name, text, hunks, expected] of tests) {
    it(`in a text that was edited since: lines ${name}`, () => {
      assert.equal(putLinesBack(text, hunks, false), expected);
    });
  }
});
