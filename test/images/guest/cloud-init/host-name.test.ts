import assert from 'node:assert/strict';
import { keptHostName, setHostName } from '../../../../images/guest/cloud-init/host-name.js';
import { factsOf } from '../../../../images/guest/fact.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';
import { overlay } from '../../../../images/image/overlay.js';
import { assertDeclared } from '../../../support/declared.js';

const own = '/etc/cloud/cloud.cfg.d/99-own.cfg';
const main = '/etc/cloud/cloud.cfg';

async function kept(files: Readonly<Record<string, MemoryNode>>): Promise<string | undefined> {
  const image = memoryImage(files);
  await assertDeclared(keptHostName.inputs, image, (watched) => factsOf(watched)(keptHostName));
  const found = await factsOf(image)(keptHostName);
  return found && `${found.path}:${found.line ?? ''}`;
}

describe('guest/kept-host-name', () => {
  // What translate_bool() of cloudinit/util.py takes for true, and what not.
  for (const value of ['true', 'True', 'yes', 'on', '1', '"TRUE"', "' on '"])
    it(`is kept by preserve_hostname: ${value}`, async () => {
      assert.equal(await kept({ [own]: `users: []\npreserve_hostname: ${value}\n` }), `${own}:2`);
    });
  for (const value of ['false', 'no', '0', 'off', '2', '""', '[true]'])
    it(`is not kept by preserve_hostname: ${value}`, async () => {
      assert.equal(await kept({ [own]: `preserve_hostname: ${value}\n` }), undefined);
    });
  it('is given up where it stands, and nothing else with it', async () => {
    const image = memoryImage({
      [own]: '# ours\npreserve_hostname: true\nssh_pwauth: false\n',
      [main]: 'users: []\npreserve_hostname: yes\n',
    });
    const after = await overlay(image, await setHostName(image));
    assert.equal(await factsOf(after)(keptHostName), undefined);
    assert.equal(await after.readText(own), '# ours\nssh_pwauth: false\n');
    assert.equal(await after.readText(main), 'users: []\n');
    assert.deepEqual(await setHostName(after), []);
  });
  it('goes by the file that is in force', async () => {
    const files = { [main]: 'preserve_hostname: true\n' };
    assert.equal(await kept(files), `${main}:1`);
    assert.equal(await kept({ ...files, [own]: 'preserve_hostname: false\n' }), undefined);
    assert.equal(await kept({ [main]: '# preserve_hostname: true\n' }), undefined);
  });
});
