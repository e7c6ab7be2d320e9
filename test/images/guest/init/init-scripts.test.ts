import assert from 'node:assert/strict';
import { lsbFieldWords } from '../../../../images/formats/lsb-header.js';
import { factsOf } from '../../../../images/guest/fact.js';
import { type InitScripts, initScripts } from '../../../../images/guest/init/init-scripts.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';

function scriptsOf(files: Readonly<Record<string, MemoryNode>>): Promise<InitScripts> {
  return factsOf(memoryImage(files))(initScripts);
}

const header = '#!/bin/sh\n### BEGIN INIT INFO\n# Provides: nova-agent\n### END INIT INFO\n';

describe('init scripts', () => {
  it('none, in a guest without any', async () => {
    assert.equal((await scriptsOf({ '/etc/hostname': 'x' })).all.size, 0);
  });

  it('a script with its header', async () => {
    const script = (await scriptsOf({ '/etc/init.d/nova-agent': header })).all.get('nova-agent');
    assert.equal(script?.path, '/etc/init.d/nova-agent');
    assert.equal(script.target, undefined);
    assert.deepEqual(lsbFieldWords(script.effective.header, 'Provides'), ['nova-agent']);
  });

  it('a link: the file to edit is the one that it leads to', async () => {
    const target = '/usr/share/nova-agent/1.39.1/etc/generic/nova-agent';
    const { all } = await scriptsOf({
      '/etc/rc.d/init.d/nova-agent': { link: target },
      [target]: '#!/bin/sh\n',
    });
    const script = all.get('nova-agent');
    assert.equal(script?.path, '/etc/rc.d/init.d/nova-agent');
    assert.equal(script.target, target);
    assert.deepEqual(script.effective, { file: target, header: undefined });
  });

  it('an override of insserv counts in place of the script', async () => {
    const script = (
      await scriptsOf({
        '/etc/init.d/nova-agent': '#!/bin/sh\n',
        '/etc/insserv/overrides/nova-agent': header,
      })
    ).all.get('nova-agent');
    assert.equal(script?.effective.file, '/etc/insserv/overrides/nova-agent');
    assert.ok(script.effective.header);
  });

  it('passes over what is no script', async () => {
    const { all } = await scriptsOf({
      '/etc/init.d/README': '',
      '/etc/init.d/.depend.start': '',
      '/etc/init.d/ssh.dpkg-old': header,
      '/etc/init.d/ssh.rpmsave': header,
      '/etc/init.d/ssh~': header,
      '/etc/init.d/directory/x': '',
      '/etc/init.d/dangling': { link: '/nowhere' },
      '/etc/init.d/ssh': header,
    });
    assert.deepEqual([...all.keys()], ['ssh']);
  });

  it('a script of absurd size is an error, not a script without a header', async () => {
    await assert.rejects(
      scriptsOf({ '/etc/init.d/huge': { size: 1024 ** 4, mode: 0o755 } }),
      /huge is \d+ bytes/,
    );
  });
});
