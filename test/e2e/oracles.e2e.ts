import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sysvFaults } from '../guests/faults.js';
import { guests, healthyRoot, prepare, putDocumentedServer, shippedRoot, together } from '../guests/real.js';
import { RealRoots, sh } from '../support/real-roots.js';

const scripts = ['xe-linux-distribution', 'nova-agent'] as const;

describe('a prepared SysV root, judged by its own insserv', () => {
  let roots: RealRoots;
  let pristine: string;
  let healthy: string;
  before(() => {
    roots = new RealRoots();
    pristine = roots.unpack('sysv');
    healthy = healthyRoot(roots, shippedRoot(roots, 'sysv'));
  });
  after(() => {
    roots[Symbol.dispose]();
  });

  for (const fault of sysvFaults.filter(({ repaired }) => repaired)) {
    it(`had this: ${fault.name}`, () => {
      hasNothingLeftToDo(healthy, (root) => {
        fault.put(root);
      });
    });
  }

  it('had all of these together', () => {
    hasNothingLeftToDo(healthy, (root) => {
      for (const fault of together(guests.sysv.faults)) fault.put(root);
    });
  });

  it('was the documented server: no LSB block, the wrong Provides, both with number 20', () => {
    hasNothingLeftToDo(pristine, putDocumentedServer);
  });

  it('would have been found wanting without prepare', () => {
    const root = roots.copy(pristine);
    putDocumentedServer(root);
    assert.match(insserv(root, 'nova-agent'), /script '?nova-agent'? missing LSB tags/);
    roots.release(root);
  });

  function hasNothingLeftToDo(of: string, put: (root: string) => void): void {
    const root = roots.copy(of);
    put(root);
    prepare(roots, root);
    const before = bootOf(root);
    for (const args of [[], ['xe-linux-distribution'], ['nova-agent']]) {
      const said = insserv(root, ...args);
      const ofOurs = said.split('\n').filter((line) => /nova|xe-|XenServer|Virtual|Machine|Tools/.test(line));
      assert.deepEqual(ofOurs, [], `insserv ${args.join(' ')}`);
      assert.deepEqual(bootOf(root), before, `insserv ${args.join(' ')}`);
    }
    for (const level of [2, 3, 4, 5]) {
      const [xe, agent] = scripts.map((name) => startNumber(root, level, name));
      assert.ok(xe !== undefined && agent !== undefined && xe < agent, `rc${level}.d: ${xe} and ${agent}`);
    }
    assert.ok(before.depend.has('start: nova-agent after xe-linux-distribution'));
    roots.release(root);
  }
});

/** What the root's own insserv says; that it ends well is part of the bargain. */
function insserv(root: string, ...names: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('chroot', [root, '/sbin/insserv', ...names], {
    encoding: 'utf8',
  });
  const refused = stderr.includes('missing LSB tags');
  assert.ok(status === 0 || refused, `insserv ${names.join(' ')}: exit ${status}\n${stderr}`);
  return stdout + stderr;
}

/** All that insserv decides: every runlevel link with its target, and what .depend.* mean. */
function bootOf(root: string): { links: readonly string[]; depend: ReadonlySet<string> } {
  const links = sh('sh', '-c', 'cd "$1"/etc && find rc?.d -type l -printf "%p -> %l\\n"', 'sh', root);
  const depend = ['boot', 'start', 'stop'].flatMap((name) =>
    meaningOf(name, readFileSync(join(root, `etc/init.d/.depend.${name}`), 'utf8')),
  );
  return { links: links.trim().split('\n').sort(), depend: new Set(depend) };
}

/**
 * A .depend file as the statements it makes, name by name: what is a target, and what waits for what. In which order
 * insserv writes equals depends on how the file system lists the directories.
 */
function meaningOf(file: string, text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [, name = '', sign, names = ''] = /^([^\s:=]+)\s*([:=])(.*)$/.exec(line) ?? [];
    const relation = sign === '=' ? 'has' : 'after';
    return names
      .trim()
      .split(/\s+/)
      .filter(Boolean)
      .map((one) => `${file}: ${name} ${relation} ${one}`);
  });
}

/** The number that a script is started with in a runlevel, as `ls` shows it. */
function startNumber(root: string, level: number, script: string): number | undefined {
  const names = sh('ls', join(root, `etc/rc${level}.d`)).split('\n');
  const found = names.filter((name) => /^S\d\d/.test(name) && name.slice(3) === script);
  assert.ok(found.length <= 1, found.join(' '));
  return found[0] === undefined ? undefined : Number(found[0].slice(1, 3));
}
