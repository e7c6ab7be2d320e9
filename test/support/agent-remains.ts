import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sh } from './real-roots.js';

/** All that a tree has of the agent, by name. */
export function tracesOf(root: string): string[] {
  const found = sh('find', root, '-xdev', '(', '-name', '*nova-agent*', '-o', '-name', '*novaagent*', ')');
  return found
    .split('\n')
    .filter((path) => path !== '')
    .map((path) => path.slice(root.length));
}

/** Links of a boot that lead nowhere. */
export function dangling(root: string): string[] {
  const folders = ['etc/systemd/system', 'etc/rc2.d', 'etc/rc3.d', 'etc/rc0.d'].filter((each) =>
    existsSync(join(root, each)),
  );
  const found = sh('chroot', root, 'find', ...folders.map((each) => `/${each}`), '-xtype', 'l');
  return found.split('\n').filter((path) => path !== '' && readlinkOf(root, path) !== '/dev/null');
}

const readlinkOf = (root: string, path: string): string => sh('chroot', root, 'readlink', path).trim();
