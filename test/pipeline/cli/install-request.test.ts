import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../../images/base/sha256.js';
import { type InstallOptions, agentFateOf, installRequest } from '../../../pipeline/cli/install-request.js';
import { scratch } from '../../support/scratch.js';
import { failure } from '../../support/transaction.js';

describe('what may be installed', () => {
  const bytes = Buffer.from('!<arch>\ndebian-binary   ');

  it('is nothing, unless an option says so', async () => {
    assert.equal(await installRequest({}), undefined);
    assert.equal(await installRequest({ agent: 'none' }), undefined);
    assert.deepEqual(await installRequest({ agent: '1' }), {
      agent: { generation: 1, offline: false, source: { kind: 'guest' } },
    });
    const url = 'https://example.org/debian';
    assert.deepEqual((await installRequest({ agentRepo: url }))?.agent?.source, { kind: 'url', url });
  });

  it('is a file whose checksum fits, or a folder', async () => {
    using here = scratch();
    mkdirSync(here.root);
    const path = join(here.root, 'agent.deb');
    writeFileSync(path, bytes);
    const { agent, xe } =
      (await installRequest({
        agentPackage: path,
        sha256: sha256(bytes).toUpperCase(),
        installXe: path,
        xeSha256: sha256(bytes),
        offlineInstall: true,
      })) ?? {};
    assert.deepEqual(agent, {
      generation: 'auto',
      offline: true,
      source: { kind: 'file', path, format: 'deb', repositoryOption: '--agent-repo' },
    });
    assert.deepEqual(xe, { offline: true, source: { kind: 'file', path, format: 'deb' } });
    assert.deepEqual((await installRequest({ agentRepo: here.root }))?.agent?.source, {
      kind: 'folder',
      path: here.root,
    });
    const both = await installRequest({ agentPackage: path, agentRepo: here.root });
    assert.deepEqual(both?.agent?.source, {
      ...agent.source,
      dependencies: { kind: 'folder', path: here.root },
    });
    const wrong = { agentPackage: path, sha256: '00' };
    await assert.rejects(
      installRequest(wrong),
      failure('checksum', /agent\.deb does not match the expected digest/),
    );
    writeFileSync(path, Buffer.from([0x1f, 0x8b]));
    const release = { agentPackage: path, agentRepo: here.root };
    await assert.rejects(installRequest(release), failure('bad-arguments', /has no dependencies/));
    writeFileSync(path, 'text');
    await assert.rejects(installRequest({ agentPackage: path }), failure('not-a-package'));
    await assert.rejects(installRequest({ agentPackage: here.root }), failure('no-such-file'));
    await assert.rejects(installRequest({ agentRepo: join(here.root, 'x') }), failure('no-such-file'));
  });

  it('is cloud-init for the target cloud-init, when that was said, and from where', async () => {
    const guest = { offline: false, source: { kind: 'guest' } };
    assert.deepEqual(await installRequest({}, 'cloud-init'), { cloudInit: guest, offline: false });
    assert.equal(await installRequest({}, 'auto'), undefined);
    assert.equal(await installRequest({}, 'nova-agent'), undefined);
    for (const agent of ['disable', 'remove'] as const) {
      assert.equal(agentFateOf({ agent }), agent);
      assert.deepEqual(await installRequest({ agent }, 'cloud-init'), { cloudInit: guest, offline: false });
    }
    assert.equal(agentFateOf({ agent: '1' }), undefined);
    assert.equal(
      (await installRequest({ agent: 'remove', offlineInstall: true }, 'cloud-init'))?.offline,
      true,
    );
    using here = scratch();
    mkdirSync(here.root);
    const path = join(here.root, 'cloud-init.deb');
    writeFileSync(path, bytes);
    const given = { cloudInitPackage: path, cloudInitSha256: sha256(bytes), offlineInstall: true } as const;
    assert.deepEqual((await installRequest(given, 'cloud-init'))?.cloudInit, {
      offline: true,
      source: { kind: 'file', path, format: 'deb', repositoryOption: '--cloud-init-repo' },
    });
    assert.deepEqual((await installRequest({ cloudInitRepo: here.root }, 'cloud-init'))?.cloudInit?.source, {
      kind: 'folder',
      path: here.root,
    });
    const both = await installRequest({ cloudInitPackage: path, cloudInitRepo: here.root }, 'cloud-init');
    assert.deepEqual(both?.cloudInit?.source, {
      kind: 'file',
      path,
      format: 'deb',
      dependencies: { kind: 'folder', path: here.root },
      repositoryOption: '--cloud-init-repo',
    });
    writeFileSync(path, Buffer.from([0x1f, 0x8b, 0]));
    const release = { cloudInitPackage: path };
    await assert.rejects(
      installRequest(release, 'cloud-init'),
      failure('bad-arguments', /comes as a \.deb or an \.rpm/),
    );
  });

  for (const [options, target] of [
    [{ agent: 'disable' }, undefined],
    [{ agent: 'remove' }, 'auto'],
    [{ agent: 'remove' }, 'nova-agent'],
    [{ agent: 'remove', agentRepo: 'https://example.org' }, 'cloud-init'],
    [{ cloudInitRepo: 'https://example.org' }, 'auto'],
    [{ cloudInitPackage: 'a' }, 'nova-agent'],
    [{ cloudInitPackage: 'a', cloudInitRepo: 'b', offlineInstall: true }, 'cloud-init'],
    [{ cloudInitSha256: '00' }, 'cloud-init'],
    [{ offlineInstall: true, agent: 'disable' }, 'cloud-init'],
  ] satisfies [InstallOptions, 'auto' | 'nova-agent' | 'cloud-init' | undefined][]) {
    it(`refuses ${JSON.stringify(options)} for the target ${target ?? 'that nobody named'}`, async () => {
      await assert.rejects(installRequest(options, target), failure('bad-arguments'));
    });
  }

  for (const options of [
    { agentPackage: 'a', agentRepo: 'b', offlineInstall: true },
    { sha256: '00' },
    { xeSha256: '00' },
    { offlineInstall: true },
    { agent: 'none', agentRepo: 'b' },
    { agentRepo: 'deb https://example.org ./\ndeb https://example.com ./' },
  ] satisfies InstallOptions[]) {
    it(`refuses ${JSON.stringify(options)}`, async () => {
      await assert.rejects(installRequest(options), failure('bad-arguments'));
    });
  }
});
