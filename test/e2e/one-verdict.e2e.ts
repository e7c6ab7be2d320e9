import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { debian6 } from '../guests/debian6.js';
import { guests, shippedRoot, target, together } from '../guests/real.js';
import { hallmark, report } from '../support/command.js';
import { RealRoots, sh, survey } from '../support/real-roots.js';
import { plant } from '../support/trees.js';

/** Compressors, quick rather than thorough. */
const compressions = {
  '.tar': 'cat',
  '.tar.gz': 'gzip -1',
  '.tar.zst': 'zstd -q -1 -T2',
  '.tar.xz': 'xz -0 -T2',
} as const;
type Extension = keyof typeof compressions;

/** What the members are called, and in which order they come. */
const styles = {
  './ names': 'tar --xattrs -C "$1" -cf - .',
  'bare names': 'cd "$1" && tar --xattrs -cf - $(ls -A)',
  'children before parents':
    'cd "$1" && find . -mindepth 1 -depth -print0 | tar --xattrs --no-recursion --null -T - -cf -',
  'no order, no directories above':
    'cd "$1" && find . -mindepth 1 -print0 | shuf -z --random-source=/bin/bash | tar --xattrs --no-recursion --null -T - -cf -',
} as const;
type Style = keyof typeof styles;

/** Every compression of the usual style, and every style of the usual compression. */
const forms: readonly (readonly [Style, Extension])[] = [
  ...(Object.keys(compressions) as Extension[]).map((extension) => ['./ names', extension] as const),
  ['bare names', '.tar.gz'],
  ['children before parents', '.tar'],
  ['no order, no directories above', '.tar'],
];

const made: Readonly<Record<string, (roots: RealRoots) => string>> = {
  'a systemd root with every fault that goes together': (roots) => faulty(roots, 'systemd'),
  'a SysV root with every fault that goes together': (roots) => faulty(roots, 'sysv'),
  'the documented Debian 6 server': (roots) => {
    const root = roots.folder('debian6');
    plant(root, debian6);
    return root;
  },
};

function faulty(roots: RealRoots, name: keyof typeof guests): string {
  const root = shippedRoot(roots, name);
  for (const fault of together(guests[name].faults)) fault.put(root);
  // No rule reads what is in programs and libraries of that size, and compressing them over and over takes long.
  sh(
    'find',
    join(root, 'usr'),
    '-xdev',
    '-type',
    'f',
    '-size',
    '+8k',
    '-exec',
    'truncate',
    '-s',
    '0',
    '{}',
    '+',
  );
  sh('setfattr', '-n', 'user.origin', '-v', 'the builder', join(root, 'etc/init.d'));
  sh('setfattr', '-n', 'user.origin', '-v', 'the builder', join(root, 'usr/bin/python3.11'));
  return root;
}

for (const [guest, make] of Object.entries(made)) {
  describe(`one verdict: ${guest}`, () => {
    let roots: RealRoots;
    let root: string;
    let prepared: string;
    let changed: ReadonlySet<string>;
    const expected = { checked: '', planned: '', golden: '' };
    before(() => {
      roots = new RealRoots();
      root = make(roots);
      const check = report(['check', root, ...target]);
      assert.ok(check.results.some(({ outcome }) => outcome === 'fail'));
      expected.checked = JSON.stringify(check.results);
      const plan = report(['plan', root, ...target]);
      assert.ok(plan.changes.length > 0);
      expected.planned = JSON.stringify(plan.changes);
      changed = new Set(plan.changes.flatMap((change) => ('path' in change ? [change.path.slice(1)] : [])));
      prepared = roots.copy(root);
      const { status, stderr } = hallmark(['prepare', prepared, '--yes', '--quiet', ...target], {
        state: roots.folder('state'),
      });
      assert.ok(status === 0 || status === 1, stderr);
      expected.golden = JSON.stringify(report(['check', prepared, ...target]).results);
    });
    after(() => {
      roots[Symbol.dispose]();
    });

    for (const [style, extension] of forms) {
      it(`${extension} with ${style}`, () => {
        const folder = roots.folder('packed');
        const tarball = join(folder, `image${extension}`);
        sh('sh', '-c', `(${styles[style]}) | ${compressions[extension]} > "$2"`, 'sh', root, tarball);
        assert.equal(JSON.stringify(report(['check', tarball, ...target]).results), expected.checked);
        assert.equal(JSON.stringify(report(['plan', tarball, ...target]).changes), expected.planned);

        const golden = join(folder, `golden${extension}`);
        const { status, stderr } = hallmark(['prepare', tarball, '-o', golden, '--quiet', ...target]);
        assert.ok(status === 0 || status === 1, stderr);
        assert.equal(JSON.stringify(report(['check', golden, ...target]).results), expected.golden);

        const extracted = join(folder, 'extracted');
        mkdirSync(extracted);
        sh('tar', '--xattrs', '--xattrs-include=*', '-C', extracted, '-xpf', golden);
        assert.deepEqual(survey(extracted, { times: false }), survey(prepared, { times: false }));
        assert.deepEqual(timesOfUntouched(extracted, changed), timesOfUntouched(prepared, changed));
        sh('rm', '-r', folder);
      });
    }
  });
}

/** When each file was modified, in seconds (plain tar knows no smaller part), but for those that were written. */
function timesOfUntouched(root: string, changed: ReadonlySet<string>): string[] {
  const lines = sh('find', root, '-xdev', '!', '-type', 'd', '-printf', '%P\\t%T@\\n').trim().split('\n');
  const whole = lines.map((line) => line.replace(/\.\d+$/, ''));
  return whole.filter((line) => !changed.has(line.slice(0, line.indexOf('\t')))).sort();
}
