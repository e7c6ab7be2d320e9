import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openDirectory } from '../../images/image/directory.js';
import type { Change, Image } from '../../images/image/image.js';
import { sysvServices } from '../../images/guest/init/sysv/index.js';
import { setting } from '../support/switches.js';

const run = promisify(execFile);

/**
 * Oracle: on a root of Debian's own sysvinit, the links and .depend files that we describe are the ones that the
 * real insserv of that root makes, run in a chroot of a copy. It writes equals in the order in which the file system
 * lists the directories, so .depend files are compared name by name without the order, and byte for byte where the
 * real one has written them on the same file system just before.
 */
describe('insserv, the real one', function () {
  let pristine: string;
  let work: string;

  before(async function () {
    const roots = setting('HALLMARK_E2E_ROOTS');
    assert.ok(roots, 'HALLMARK_E2E_ROOTS names the folder with sysv.tar');
    work = await fs.mkdtemp(join(tmpdir(), 'hallmark-sysv-'));
    pristine = join(work, 'pristine');
    await fs.mkdir(pristine);
    // What insserv reads, and what it needs to run; the whole root would only slow the copies down.
    const programs = ['usr/sbin/insserv', 'usr/sbin/update-rc.d', 'usr/bin/startpar'];
    const libraries = ['usr/lib/*/libc.so.6', 'usr/lib/*/ld-linux*', 'usr/lib/ld-linux*', 'usr/lib64/*'];
    const links = ['bin', 'sbin', 'lib', 'lib64'];
    const members = ['etc', ...programs, ...libraries, ...links, 'usr/lib/init', 'usr/share/insserv'];
    const extract = [
      '-xf',
      join(roots, 'sysv.tar'),
      '-C',
      pristine,
      '--wildcards',
      ...members.map((name) => `./${name}`),
    ];
    await run('tar', extract).catch((error: unknown) => {
      // Members that this root does not have are no reason to stop; insserv itself is looked for next.
      assert.match(String(error), /Not found in archive/);
    });
    await fs.access(join(pristine, 'usr/sbin/insserv'));
  });

  after(async () => {
    await fs.rm(work, { recursive: true, force: true });
  });

  it('agrees on enabling the two services of a Rackspace image', async () => {
    await compare(rackspaceScripts);
  });

  for (let seed = 0; seed <= 12; seed++) {
    it(`writes the very bytes of the real one beside Debian's own scripts, subset ${seed}`, async () => {
      await compare(
        async (root) => {
          await takeOut(root, random(seed));
          const name = await rackspaceScripts(root);
          // The first run writes the names in the order of the listing before its own links, the second after.
          for (let run = 0; run < 2; run++) await insserv(root);
          return name;
        },
        { bytes: true },
      );
    });
  }

  it('agrees on a script that comes after all others', async () => {
    await compare(async (root) => {
      await addScript(root, 'nova-agent', { start: ['$all'], stop: ['$all'] });
      return 'nova-agent';
    });
  });

  for (let seed = 1; seed <= 40; seed++) {
    it(`agrees on a random set of scripts, seed ${seed}`, async () => {
      await compare(async (root) => randomScripts(root, random(seed)));
    });
  }

  it('refuses the loops that we refuse', async () => {
    const root = await copy();
    await addScript(root, 'one', { start: ['two'] });
    await addScript(root, 'two', { start: ['one'] });
    await insserv(root, '-f', 'two').catch(() => undefined);
    await assert.rejects(insserv(root, 'one'), /loop/);
    await using image = openDirectory(root);
    const services = await sysvServices(image);
    const one = services.find('one');
    assert.ok(one);
    assert.equal((await services.cycles(['one'])).length, 1);
    await assert.rejects(services.enable(one), { code: 'boot-loop' });
  });

  it('has nothing left to do after we put xe before the agent of the broken Debian 6 server', async () => {
    const root = await copy();
    await addScript(root, 'xe-linux-distribution', {
      provides: ['XenServer', 'Virtual', 'Machine', 'Tools'],
      start: ['$remote_fs'],
      stop: ['$remote_fs'],
    });
    await fs.writeFile(join(root, 'etc/init.d/nova-agent'), '#!/bin/sh\n# nova-agent\nexit 0\n', {
      mode: 0o755,
    });
    for (const level of '2345') {
      await fs.symlink('../init.d/nova-agent', join(root, `etc/rc${level}.d/S20nova-agent`));
      await fs.symlink(
        '../init.d/xe-linux-distribution',
        join(root, `etc/rc${level}.d/S20xe-linux-distribution`),
      );
    }
    await using image = openDirectory(root);
    const services = await sysvServices(image);
    const [xe, nova] = [services.find('xe-linux-distribution'), services.find('nova-agent')];
    assert.ok(xe && nova);
    const changes = await services.putBefore(xe, nova);
    assert.ok(changes);
    await apply(root, changes);
    const before = await treeOf(root);
    const { stderr } = await insserv(root, 'xe-linux-distribution', 'nova-agent');
    assert.deepEqual(await treeOf(root), before);
    // The links that were made by hand stay as they are: only in 2 to 5, while the header asks for kill links too.
    assert.doesNotMatch(stderr, /FATAL|missing LSB|broken|loop/);
    for (const level of '2345') {
      const links = await fs.readdir(join(root, `etc/rc${level}.d`));
      const number = (name: string): number => Number(links.find((link) => link.endsWith(name))?.slice(1, 3));
      assert.ok(number('xe-linux-distribution') < number('nova-agent'), links.join(' '));
    }
  });

  /** Enables the script that `prepare` names, once by us and once by the real insserv, and compares. */
  async function compare(prepare: (root: string) => Promise<string>, { bytes = false } = {}): Promise<void> {
    const root = await copy();
    const name = await prepare(root);
    await using image = openDirectory(root);
    const changes = await enableIn(image, name);
    const theirs = await fs.mkdtemp(join(work, 'theirs-'));
    await run('cp', ['-a', `${root}/.`, theirs]);
    const { stderr } = await insserv(theirs, name);
    assert.doesNotMatch(stderr, /FATAL|loop/);
    await apply(root, changes);
    assert.deepEqual(await treeOf(root), await treeOf(theirs));
    assert.deepEqual(await edgesOf(root), await edgesOf(theirs));
    if (bytes) assert.deepEqual(await dependOf(root), await dependOf(theirs));
    // And the real one finds nothing to do in ours: it may only put equals in another order.
    const ours = await statementsOf(root);
    await insserv(root, name);
    assert.deepEqual(await statementsOf(root), ours);
    await fs.rm(theirs, { recursive: true });
    await fs.rm(root, { recursive: true });
  }

  async function enableIn(image: Image, name: string): Promise<Change[]> {
    const services = await sysvServices(image);
    const service = services.find(name);
    assert.ok(service, `${name} is a service`);
    return services.enable(service);
  }

  async function copy(): Promise<string> {
    const root = await fs.mkdtemp(join(work, 'root-'));
    await run('cp', ['-a', `${pristine}/.`, root]);
    return root;
  }
});

async function insserv(root: string, ...args: string[]): Promise<{ stderr: string }> {
  return run('chroot', [root, '/usr/sbin/insserv', ...args]);
}

const dependNames = ['boot', 'start', 'stop'] as const;

/** The .depend files as they are, byte for byte. */
async function dependOf(root: string): Promise<string[]> {
  return Promise.all(
    dependNames.map((name) => fs.readFile(join(root, `etc/init.d/.depend.${name}`), 'utf8')),
  );
}

/** The same with the names of every line sorted, and the lines, too: what is left when order does not count. */
async function edgesOf(root: string): Promise<string[][]> {
  return (await dependOf(root)).map((text) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [head = '', ...names] = line.split(/(?<=[:=])\s|\s(?!=)/);
        return [head, ...names.sort()].join(' ').trimEnd();
      })
      .sort(),
  );
}

/** All that insserv decides: links, needs, and the numbers of the targets one after the other. */
async function statementsOf(
  root: string,
): Promise<{ tree: string[]; edges: string[][]; numbers: number[][] }> {
  const [tree, edges, [, start = '', stop = '']] = await Promise.all([
    treeOf(root),
    edgesOf(root),
    dependOf(root),
  ]);
  const numbers = [start, stop].map((text, at) =>
    (/^TARGETS =(.*)/.exec(text)?.[1] ?? '')
      .trim()
      .split(' ')
      .map((name) => {
        const link = tree.find(
          (one) => one.endsWith(`/init.d/${name}`) && one[6] === 'SK'[at] && one[2] !== 'S',
        );
        return Number(link?.slice(7, 9));
      }),
  );
  return { tree, edges, numbers };
}

/** Every link of every runlevel, and where it points. */
async function treeOf(root: string): Promise<string[]> {
  const links: string[] = [];
  for (const level of '0123456S') {
    const directory = join(root, `etc/rc${level}.d`);
    for (const name of (await fs.readdir(directory)).sort()) {
      if (/^[SK]\d\d/.test(name))
        links.push(`rc${level}.d/${name} -> ${await fs.readlink(join(directory, name))}`);
    }
  }
  return links;
}

async function apply(root: string, changes: readonly Change[]): Promise<void> {
  for (const change of changes) {
    const path = join(root, change.path);
    if (change.kind === 'directory') await fs.mkdir(path, { mode: change.posix?.mode });
    else await fs.rm(path, { force: true });
    if (change.kind === 'link') await fs.symlink(change.target, path);
    if (change.kind === 'write') {
      assert.ok('bytes' in change.content);
      await fs.writeFile(path, change.content.bytes, { mode: change.posix?.mode });
    }
  }
}

interface Header {
  provides?: string[];
  start?: string[];
  stop?: string[];
  shouldStart?: string[];
  shouldStop?: string[];
  startBefore?: string[];
  stopAfter?: string[];
  levels?: string;
  stopLevels?: string;
  interactive?: boolean;
}

async function addScript(root: string, name: string, header: Header): Promise<void> {
  const lines = [
    '#!/bin/sh',
    '### BEGIN INIT INFO',
    `# Provides:          ${(header.provides ?? [name]).join(' ')}`,
    `# Required-Start:    ${(header.start ?? []).join(' ')}`,
    `# Required-Stop:     ${(header.stop ?? []).join(' ')}`,
    ...(header.shouldStart ? [`# Should-Start:      ${header.shouldStart.join(' ')}`] : []),
    ...(header.shouldStop ? [`# Should-Stop:       ${header.shouldStop.join(' ')}`] : []),
    ...(header.startBefore ? [`# X-Start-Before:    ${header.startBefore.join(' ')}`] : []),
    ...(header.stopAfter ? [`# X-Stop-After:      ${header.stopAfter.join(' ')}`] : []),
    ...(header.interactive ? ['# X-Interactive:     true'] : []),
    `# Default-Start:     ${header.levels ?? '2 3 4 5'}`,
    `# Default-Stop:      ${header.stopLevels ?? '0 1 6'}`,
    '### END INIT INFO',
    'exit 0',
    '',
  ];
  await fs.writeFile(join(root, 'etc/init.d', name), lines.join('\n'), { mode: 0o755 });
}

/** A server with the guest utilities enabled, and the agent still to be. */
async function rackspaceScripts(root: string): Promise<string> {
  await addScript(root, 'xe-linux-distribution', { start: ['$remote_fs'], stop: ['$remote_fs'] });
  await insserv(root, 'xe-linux-distribution');
  await addScript(root, 'nova-agent', {
    provides: ['Nova-Agent'],
    start: ['$remote_fs', '$syslog', 'xe-linux-distribution'],
    stop: ['$remote_fs', '$syslog'],
  });
  return 'nova-agent';
}

/** Disables, and in part deletes, what nothing else in the root requires. */
async function takeOut(root: string, next: () => number): Promise<void> {
  const scripts = (await fs.readdir(join(root, 'etc/init.d'))).filter(
    (name) => !/^(\.|README|rcS?$)/.test(name),
  );
  const chosen = scripts.sort().filter(() => next() < 0.5);
  for (const name of [...chosen, ...chosen]) {
    const refused = await insserv(root, '-r', name).then(
      () => false,
      () => true,
    );
    if (!refused && next() < 0.5) await fs.rm(join(root, 'etc/init.d', name), { force: true });
  }
}

/** A graph without loops: a script only asks for those before it. All but the last are enabled by the real one. */
async function randomScripts(root: string, next: () => number): Promise<string> {
  const count = 4 + Math.floor(next() * 12);
  const names = Array.from(
    { length: count },
    (_, at) => `s${String.fromCharCode(97 + Math.floor(next() * 26))}${at}`,
  );
  const some = (pool: readonly string[], share: number): string[] => pool.filter(() => next() < share);
  const facilities = ['$remote_fs', '$syslog', '$network', '$local_fs', '$time'];
  const removed = some(['brightness', 'cron', 'ssh', 'rc.local', 'openvpn', 'bootlogs', 'rmnologin'], 0.2);
  for (const name of removed) {
    await fs.rm(join(root, 'etc/init.d', name), { force: true });
  }
  await insserv(root);
  for (const [at, name] of names.entries()) {
    const earlier = names.slice(0, at);
    const later = names.slice(at + 1);
    const header: Header = {
      provides: next() < 0.3 ? [name, `${name}-alias`] : [name],
      start: [...some(facilities, 0.3), ...some(earlier, 0.2).map((one) => one)],
      stop: some(facilities, 0.3),
      shouldStart: some([...earlier, 'nobody', 'cron', 'ssh'], 0.15),
      ...(next() < 0.3 ? { startBefore: some(later, 0.3) } : {}),
      ...(next() < 0.3 ? { shouldStop: some(earlier, 0.3) } : {}),
      ...(next() < 0.2 ? { stopAfter: some(later, 0.2) } : {}),
      ...(next() < 0.1 ? { levels: '3 5', stopLevels: '0 1 2 4 6' } : {}),
    };
    // A required service has to be in all runlevels of who requires it, or insserv refuses.
    if (header.levels === undefined) header.start = (header.start ?? []).filter((one) => !narrow.has(one));
    else narrow.add(name);
    await addScript(root, name, header);
    if (at < count - 1 && next() < 0.8) await insserv(root, '-f', name);
    else if (at < count - 1) skipped.add(name);
  }
  const last = names.at(-1) ?? '';
  await addScript(root, last, {
    start: some(
      [...facilities, ...names.slice(0, -1).filter((one) => !skipped.has(one) && !narrow.has(one))],
      0.4,
    ),
    interactive: next() < 0.3,
  });
  narrow.clear();
  skipped.clear();
  return last;
}

const narrow = new Set<string>();
const skipped = new Set<string>();

/** mulberry32: a small generator that gives the same numbers for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
