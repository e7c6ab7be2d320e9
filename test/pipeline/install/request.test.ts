import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../../images/change.js';
import { type InstallOptions, installRequest } from '../../../pipeline/install/request.js';
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
    await assert.rejects(installRequest(wrong), failure('checksum', /agent\.deb is not the file/));
    writeFileSync(path, Buffer.from([0x1f, 0x8b]));
    const release = { agentPackage: path, agentRepo: here.root };
    await assert.rejects(installRequest(release), failure('bad-arguments', /depends on nothing/));
    writeFileSync(path, 'text');
    await assert.rejects(installRequest({ agentPackage: path }), failure('not-a-package'));
    await assert.rejects(installRequest({ agentPackage: here.root }), failure('no-such-file'));
    await assert.rejects(installRequest({ agentRepo: join(here.root, 'x') }), failure('no-such-file'));
  });

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
