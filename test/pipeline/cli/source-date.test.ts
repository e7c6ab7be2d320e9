import { itAsRoot } from '../../support/as-root.js';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordPath } from '../../../images/guest/vpn/record.js';
import { openTarball } from '../../../images/image/tarball/read.js';
import type { Image } from '../../../images/image/image.js';
import { debian6 } from '../../guests/debian6.js';
import { type Run, hallmark } from '../../support/command.js';
import { inProject } from '../../support/project.js';
import { scratch } from '../../support/scratch.js';
import { packTarball } from '../../support/tarballs.js';
import { difference, walk } from '../../support/walk.js';

const preload = `--import=${inProject('dist/test/support/other-day.js')}`;
/** 2013-06-09, 10:00:00 in UTC: another day to the east of Fiji. */
const epoch = '1370772000';

describe('SOURCE_DATE_EPOCH', () => {
  let here: ReturnType<typeof scratch>;
  before(async () => {
    here = scratch();
    mkdirSync(here.root);
    await packTarball(debian6, at('guest.tar'));
    execFileSync('tar', ['-C', here.root, '-xf', at('guest.tar')]);
    for (const [program, ending] of compressors)
      execFileSync('sh', ['-c', `${program} -c guest.tar > guest.tar${ending}`], { cwd: here.path });
  });
  after(() => {
    here[Symbol.dispose]();
  });

  const compressors = [
    ['gzip', '.gz'],
    ['zstd -q', '.zst'],
    ['xz', '.xz'],
  ] as const;
  const at = (name: string): string => join(here.path, name);

  function onDay(day: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
    const run = hallmark(args, {
      state: here.state,
      cwd: here.path,
      env: { NODE_OPTIONS: preload, OTHER_DAY: day, SOURCE_DATE_EPOCH: epoch, ...env },
    });
    assert.ok(run.status === 0 || run.status === 1, run.stderr);
    return run;
  }

  async function recordIn(image: Image): Promise<{ readonly since: string }> {
    await using open = image;
    return JSON.parse((await open.readText(recordPath)) ?? 'null') as { since: string };
  }

  for (const ending of ['', '.gz', '.zst', '.xz'])
    it(`gives the same bytes of a .tar${ending} on any day and in any place`, async () => {
      const source = `guest.tar${ending}`;
      onDay('2014-01-01', ['prepare', source, '-o', 'one'], { TZ: 'Pacific/Kiritimati' });
      onDay('2033-02-03', ['prepare', source, '-o', 'two'], {
        TZ: 'Pacific/Honolulu',
        LC_ALL: 'tr_TR.UTF-8',
      });
      assert.ok(readFileSync(at('one')).equals(readFileSync(at('two'))));
      const { since } = await recordIn(await openTarball(at('two'), [recordPath]));
      assert.equal(since, '2013-06-09');
    });

  it('is what the time and the record differ by: without it, the day counts', async () => {
    const none = { NODE_OPTIONS: preload, OTHER_DAY: '2014-01-01' };
    const run = hallmark(['prepare', 'guest.tar', '-o', 'now.tar'], { cwd: here.path, env: none });
    assert.equal(run.status, 0, run.stderr);
    assert.equal((await recordIn(await openTarball(at('now.tar'), [recordPath]))).since, '2014-01-01');
  });

  itAsRoot('dates what is written to a directory, which undo takes back all the same', () => {
    const trees = ['one', 'two'].map((name, index) => {
      const root = at(`root-${name}`);
      execFileSync('cp', ['-a', here.root, root]);
      const before = walk(root);
      onDay(`201${index + 4}-01-01`, ['prepare', root, '--yes']);
      const after = walk(root);
      onDay('2020-01-01', ['undo', root, '--yes']);
      assert.deepEqual(difference(walk(root), before), []);
      assert.notDeepEqual(difference(after, before), []);
      return after;
    });
    assert.deepEqual(difference(trees[0]!, trees[1]!), []);
    assert.match(trees[0]!.get(recordPath)!, new RegExp(` ${epoch}000000000 `));
  });

  it('brings back neither a waiver nor a system that has expired', () => {
    const waiver = 'waivers:\n  - check: os-supported\n    reason: soon\n    expires: 2013-12-31\n';
    writeFileSync(at('waiving.yaml'), waiver);
    const asked = ['check', 'guest.tar', '--only', 'os-supported', '--config', 'waiving.yaml'];
    const { stdout, stderr } = onDay('2020-01-01', asked);
    assert.match(stderr, /the waiver for os-supported expired on 2013-12-31/);
    assert.match(stdout, /2016-02-29/);
  });

  it('must be a number of seconds', () => {
    for (const command of [['check'], ['plan'], ['prepare', '-o', 'out.tar']]) {
      const [name = '', ...options] = command;
      const { status, stderr } = hallmark([name, 'guest.tar', ...options], {
        cwd: here.path,
        env: { SOURCE_DATE_EPOCH: 'yesterday' },
      });
      assert.equal(status, 2);
      assert.equal(
        stderr,
        'hallmark: SOURCE_DATE_EPOCH is not a number of seconds since 1970: "yesterday"\n' +
          '  Set it to what "date +%s" prints, or unset it to use the present time.\n',
      );
    }
  });
});
