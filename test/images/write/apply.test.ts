import { itAsRoot } from '../../support/as-root.js';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { apply } from '../../../images/write/apply.js';
import { readExtended } from '../../../images/write/attributes.js';
import { preconditionOf } from '../../../images/image/change.js';
import { sha256 } from '../../../images/base/sha256.js';
import { openDirectory } from '../../../images/image/directory.js';
import { listTransactions, undo } from '../../../images/write/undo.js';
import {
  failure,
  foretell,
  hasUserAttributes,
  own,
  planChanges,
  planted,
  tell,
  writing,
} from '../../support/transaction.js';
import { difference, walk } from '../../support/walk.js';
import type { Change, GuestPath } from '../../../images/image/image.js';
import { takesBackWhatFails } from '../../support/failing-steps.js';
import { inProject } from '../../support/project.js';
import { share } from '../../support/share.js';

describe('apply', () => {
  it('does what the overlay foretells, and undo takes it back exactly', async () => {
    using here = planted();
    const changes = await planChanges(here.root);
    const before = walk(here.root);
    const foretold = await foretell(here.root, changes);
    const { id } = await apply(here.root, changes, { stateDirectory: here.state, source: 'test' });
    {
      await using image = openDirectory(here.root);
      assert.deepEqual(await tell(image), foretold);
    }
    assert.deepEqual(
      listTransactions(here.state, here.root).map((each) => [each.id, each.state]),
      [[id, 'committed']],
    );
    const undone = await undo(here.root, { stateDirectory: here.state });
    assert.deepEqual([undone.id, undone.how, undone.warnings], [id, 'undone', []]);
    assert.deepEqual(difference(walk(here.root), before), []);
    assert.deepEqual(listTransactions(here.state), []);
  });

  it('gives what is installed the mode, owner, attributes and time that it is to have', async () => {
    using here = planted();
    const at = (name: string): string => path.join(here.root, name);
    const attributed = hasUserAttributes(here.root);
    await apply(here.root, await planChanges(here.root), { stateDirectory: here.state, source: 'test' });
    const stats = ['srv', 'usr/bin', 'usr/bin/tool'].map((name) => lstatSync(at(name)));
    const tool = stats[2];
    assert.deepEqual(
      stats.map(({ mode }) => mode & 0o7777),
      [0o1770, 0o2711, 0o4750],
    );
    assert.equal(tool?.mtimeMs, 1_234_567_890_000);
    assert.deepEqual([tool.uid, tool.gid], [own.uid, own.gid]);
    if (!attributed) return;
    for (const [name, note] of [
      ['srv', 'srv'],
      ['usr/bin', 'bin'],
      ['usr/bin/tool', 'tool'],
    ] as const)
      assert.deepEqual(await readExtended(at(name)), { 'user.note': Buffer.from(note).toString('base64') });
  });

  itAsRoot(
    'keeps the attributes that are there when a change has none, and journals what it leaves',
    async () => {
      using here = planted();
      const wanted = { content: { bytes: Buffer.from('new') }, kind: 'write' } as const;
      const changes: Change[] = [
        { ...wanted, path: '/etc/shadow', expect: await expectation(here.root, '/etc/shadow') },
        { ...wanted, path: '/etc/new', expect: { type: 'absent' } },
      ];
      const { id } = await apply(here.root, changes, { stateDirectory: here.state, source: 'test' });
      assert.equal(statSync(path.join(here.root, 'etc/shadow')).mode & 0o7777, 0o400);
      assert.equal(statSync(path.join(here.root, 'etc/new')).mode & 0o7777, 0o644);
      const [manifest] = listTransactions(here.state, here.root);
      assert.equal(manifest?.id, id);
      const [after, made] = manifest.touched.map((each) => Object.keys(each.after));
      assert.deepEqual(after, ['type', 'sha256', 'mode', 'uid', 'gid', 'extended']);
      assert.deepEqual(made, ['type', 'sha256', 'mode', 'uid', 'gid']);
      await undo(here.root, { stateDirectory: here.state });
      assert.equal(readFileSync(path.join(here.root, 'etc/shadow'), 'utf8'), 'root:secret\n');
    },
  );

  it('refuses a directory whose mode or owner is not what was read', async () => {
    using here = planted();
    const expect = await preconditionOf(openDirectory(here.root), '/usr/bin');
    const change: Change = { kind: 'directory', path: '/usr/bin', expect, posix: { mode: 0o700 } };
    chmodSync(path.join(here.root, 'usr/bin'), 0o711);
    const before = walk(here.root);
    await assert.rejects(
      apply(here.root, [change], { stateDirectory: here.state, source: 'test' }),
      failure('changed', /\/usr\/bin; nothing was written/),
    );
    assert.deepEqual(difference(walk(here.root), before), []);
  });

  it('takes a directory that was made since as it is, and undo leaves it', async () => {
    using here = planted();
    const changes: Change[] = [
      { kind: 'directory', path: '/var/lib/hallmark', expect: { type: 'absent' }, posix: { mode: 0o755 } },
      {
        kind: 'write',
        path: '/var/lib/hallmark/record',
        expect: { type: 'absent' },
        content: { bytes: Buffer.from('kept') },
        posix: { mode: 0o600, ...own },
      },
    ];
    const made = path.join(here.root, 'var/lib/hallmark');
    mkdirSync(path.join(made, 'transactions'), { recursive: true, mode: 0o700 });
    const before = walk(here.root);
    await apply(here.root, changes, { stateDirectory: here.state, source: 'test' });
    assert.equal(readFileSync(path.join(made, 'record'), 'utf8'), 'kept');
    const { paths } = await undo(here.root, { stateDirectory: here.state });
    assert.deepEqual(paths, ['/var/lib/hallmark/record']);
    assert.deepEqual(difference(walk(here.root), before), []);
  });

  it('streams the content of a host file, and refuses one that is not what was planned', async () => {
    using here = planted();
    const hostFile = path.join(here.path, 'big');
    const bytes = Buffer.alloc(3_000_000, 'abc');
    writeFileSync(hostFile, bytes);
    const content = { hostFile, size: bytes.length, sha256: sha256(bytes) };
    const change: Change = {
      kind: 'write',
      path: '/etc/big',
      expect: { type: 'absent' },
      content,
      posix: { mode: 0o640, ...own },
    };
    await apply(here.root, [change], { stateDirectory: here.state, source: 'test' });
    assert.ok(readFileSync(path.join(here.root, 'etc/big')).equals(bytes));
    assert.equal(statSync(path.join(here.root, 'etc/big')).mode & 0o7777, 0o640);
    await undo(here.root, { stateDirectory: here.state });

    writeFileSync(hostFile, 'other');
    const before = walk(here.root);
    await assert.rejects(
      apply(here.root, [change], { stateDirectory: here.state, source: 'test' }),
      failure('changed', /big is no longer what was planned/, /the image is as it was/),
    );
    assert.deepEqual(difference(walk(here.root), before), []);
  });

  it('keeps the journal to its owner, outside the image', async () => {
    using here = planted();
    await apply(here.root, await planChanges(here.root), { stateDirectory: here.state, source: 'test' });
    const files = [...walk(here.state, { times: false })].filter(([name]) => name !== '/');
    assert.ok(files.length > 10);
    for (const [name, line] of files) assert.match(line, /^(?:40700|100600) /, name);
    await assert.rejects(
      apply(here.root, await writing(here.root, '/new', 'x'), {
        stateDirectory: path.join(here.root, 'var/state'),
        source: 'test',
      }),
      failure('state-inside-image'),
    );
    symlinkSync(path.join(here.root, 'var'), path.join(here.path, 'detour'));
    await assert.rejects(
      apply(here.root, await writing(here.root, '/new', 'x'), {
        stateDirectory: path.join(here.path, 'detour/state'),
        source: 'test',
      }),
      failure('state-inside-image'),
    );
  });

  it('refuses changes that make no sense', async () => {
    using here = planted();
    const options = { stateDirectory: here.state, source: 'test' };
    const [change] = await writing(here.root, '/etc/new', 'x');
    assert.ok(change);
    const nonsense: Change[][] = [
      [],
      [change, change],
      [{ ...change, path: '/etc/../new' }],
      [{ ...change, path: '/etc/..' }],
      [{ ...change, path: '/' }],
      [{ kind: 'link', path: '/etc/init.d', expect: { type: 'directory' }, target: 'x' }],
      [
        {
          kind: 'directory',
          path: '/etc/empty',
          expect: await expectation(here.root, '/etc/empty'),
          posix: { mode: 0o755 },
        },
      ],
    ];
    const before = walk(here.root);
    for (const changes of nonsense)
      await assert.rejects(apply(here.root, changes, options), failure('bad-change'));
    assert.deepEqual(difference(walk(here.root), before), []);
  });

  describe('with something that differs from what was read', () => {
    const tampering: readonly (readonly [string, GuestPath, (root: string) => void])[] = [
      [
        'content',
        '/etc/latin1',
        (root) => {
          writeFileSync(path.join(root, 'etc/latin1'), '#\n');
        },
      ],
      [
        'mode',
        '/usr/bin/su',
        (root) => {
          chmodSync(path.join(root, 'usr/bin/su'), 0o700);
        },
      ],
      [
        'link target',
        '/etc/rc3.d/S20agent',
        (root) => {
          unlinkSync(path.join(root, 'etc/rc3.d/S20agent'));
          symlinkSync('elsewhere', path.join(root, 'etc/rc3.d/S20agent'));
        },
      ],
      [
        'type',
        '/etc/empty',
        (root) => {
          unlinkSync(path.join(root, 'etc/empty'));
          mkdirSync(path.join(root, 'etc/empty'));
        },
      ],
      [
        'a FIFO',
        '/etc/empty',
        (root) => {
          unlinkSync(path.join(root, 'etc/empty'));
          spawnSync('mkfifo', [path.join(root, 'etc/empty')]);
        },
      ],
      [
        'missing',
        '/etc/old/deep/file',
        (root) => {
          unlinkSync(path.join(root, 'etc/old/deep/file'));
        },
      ],
      [
        'no longer absent',
        '/etc/rc3.d/S19xe',
        (root) => {
          writeFileSync(path.join(root, 'etc/rc3.d/S19xe'), '');
        },
      ],
    ];
    for (const [what, file, tamper] of tampering) {
      it(`writes nothing and names the path: ${what}`, async () => {
        using here = planted();
        const changes = await planChanges(here.root);
        tamper(here.root);
        const before = walk(here.root);
        await assert.rejects(
          apply(here.root, changes, { stateDirectory: here.state, source: 'test' }),
          failure('changed', new RegExp(`read: ${file}; nothing was written`)),
        );
        assert.deepEqual(difference(walk(here.root), before), []);
        assert.deepEqual(readdirSync(path.join(here.state, 'transactions')), []);
      });
    }
  });

  describe('in a hostile image', () => {
    const plans: readonly (readonly [string, (root: string) => Promise<Change[]>])[] = [
      ['all changes', planChanges],
      ['one deep below the link', (root) => writing(root, '/etc/init.d/agent', 'written\n')],
      ['one in a new directory', (root) => writing(root, '/etc/init.d/new/file', 'written\n')],
    ];
    for (const [what, plan] of plans) {
      it(`does not follow a directory that became a link to the outside: ${what}`, async () => {
        using here = planted();
        const changes = await plan(here.root);
        const outside = path.join(here.path, 'outside');
        // The same files are there, so that only the link can give it away.
        renameSync(path.join(here.root, 'etc'), outside);
        symlinkSync(outside, path.join(here.root, 'etc'));
        const canary = walk(outside);
        const run = apply(here.root, changes, { stateDirectory: here.state, source: 'test' });
        await assert.rejects(run, failure('changed', /nothing was written/));
        assert.deepEqual(difference(walk(outside), canary), []);
      });
    }

    for (const moment of [/^create \/opt\/new$/, /^create .*hallmark-.*-0$/, /^replace \/etc\/empty$/]) {
      it(`does not when that happens in the midst of writing (${moment.source})`, async () => {
        using here = planted();
        const changes = await planChanges(here.root);
        const outside = path.join(here.path, 'outside');
        mkdirSync(path.join(outside, 'rc3.d'), { recursive: true });
        writeFileSync(path.join(outside, 'canary'), 'sings');
        const canary = walk(outside);
        let swapped = false;
        const onStep = (name: string): void => {
          if (swapped || !moment.test(name)) return;
          swapped = true;
          renameSync(path.join(here.root, 'etc'), path.join(here.root, 'moved'));
          symlinkSync(outside, path.join(here.root, 'etc'));
        };
        // Handles that are open follow the directory; one that is opened now meets the link and refuses it.
        await apply(here.root, changes, { stateDirectory: here.state, source: 'test', onStep }).catch(
          failure('changed'),
        );
        assert.ok(swapped);
        assert.deepEqual(difference(walk(outside), canary), []);
      });
    }

    it('refuses a temporary name that is taken, and keeps what is there', async () => {
      using here = planted();
      const before = walk(here.root, { times: false });
      let fifo = '';
      const onStep = (name: string): void => {
        const [, temporary] = /^create (\/etc\/\.hallmark-.*)$/.exec(name) ?? [];
        if (temporary === undefined || fifo !== '') return;
        fifo = path.join(here.root, temporary);
        spawnSync('mkfifo', [fifo]);
      };
      await assert.rejects(
        apply(here.root, await planChanges(here.root), {
          stateDirectory: here.state,
          source: 'test',
          onStep,
        }),
        failure('changed', /something else is there/, /put there by someone else and was kept/),
      );
      assert.ok(lstatSync(fifo).isFIFO());
      unlinkSync(fifo);
      assert.deepEqual(difference(walk(here.root, { times: false }), before), []);
    });

    it('notices a file that changes between the check and its replacement, and keeps it', async () => {
      using here = planted();
      const file = path.join(here.root, 'etc/latin1');
      const onStep = (name: string): void => {
        if (name === 'create /opt') writeFileSync(file, 'someone else');
      };
      await assert.rejects(
        apply(here.root, await planChanges(here.root), {
          stateDirectory: here.state,
          source: 'test',
          onStep,
        }),
        failure('changed', /\/etc\/latin1 was changed by someone else/, /\/etc\/latin1 was kept/),
      );
      assert.equal(readFileSync(file, 'utf8'), 'someone else');
    });
  });

  it('takes everything back when some step fails', async () => {
    await takesBackWhatFails((count) => share(count, 12));
  });

  it('takes everything back when it is aborted, and throws the reason', async () => {
    using here = planted();
    const before = walk(here.root);
    const abort = new AbortController();
    const reason = new Error('SIGINT');
    const onStep = (name: string): void => {
      if (name.startsWith('replace')) abort.abort(reason);
    };
    const run = apply(here.root, await planChanges(here.root), {
      stateDirectory: here.state,
      source: 'test',
      signal: abort.signal,
      onStep,
    });
    await assert.rejects(run, (error) => error === reason);
    assert.deepEqual(difference(walk(here.root), before), []);
  });

  // Nothing is forbidden to root: for root the read-only mount and the immutable file are in test/e2e.
  if (own.uid !== 0) {
    it('says so when a directory forbids it, and leaves all as it was', async () => {
      using here = planted();
      chmodSync(path.join(here.root, 'etc/rc3.d'), 0o555);
      const before = walk(here.root);
      const run = apply(here.root, await planChanges(here.root), {
        stateDirectory: here.state,
        source: 'test',
      });
      try {
        await assert.rejects(run, failure('not-permitted', /permission denied; the image is as it was/));
        assert.deepEqual(difference(walk(here.root), before), []);
      } finally {
        chmodSync(path.join(here.root, 'etc/rc3.d'), 0o755);
      }
    });
  }

  it('excludes a second run on the same image, by whatever name', async () => {
    using here = planted();
    const alias = path.join(here.path, 'alias');
    symlinkSync(here.root, alias);
    const script = inProject('dist/test/support/crash.js');
    let message = '';
    const onStep = (name: string): void => {
      if (name !== 'replace /etc/shadow') return;
      message = spawnSync(process.execPath, [script, 'undo', alias, here.state], { encoding: 'utf8' }).stderr;
    };
    await apply(here.root, await planChanges(here.root), {
      stateDirectory: here.state,
      source: 'test',
      onStep,
    });
    assert.match(
      message,
      new RegExp(`another run \\(process ${process.pid}\\) is working on .*/alias; nothing was changed`),
    );
    assert.equal(listTransactions(here.state)[0]?.state, 'committed');
  });
});

async function expectation(root: string, file: GuestPath): Promise<Change['expect']> {
  await using image = openDirectory(root);
  return await preconditionOf(image, file);
}
