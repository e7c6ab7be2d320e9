import { spawnSync } from 'node:child_process';
import console from 'node:console';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { fetchNode, nodes } from '../nodes.config.js';

/**
 * `npm run test:nodes`, or `npm run test:nodes -- 24 [MOCHA-ARGUMENT…]`: the unit tests on the other releases of
 * Node.js, or on one of them.
 */
const [first = '', ...rest] = process.argv.slice(2);
const [majors, args] = /^\d+$/.test(first)
  ? [[Number(first)], rest]
  : [[...nodes.keys()], process.argv.slice(2)];

for (const major of majors) {
  const bin = join(fetchNode(major), 'bin');
  console.log(`Node.js ${nodes.get(major)?.version ?? major}`);
  const { status } = spawnSync(join(bin, 'node'), ['node_modules/mocha/bin/mocha.js', ...args], {
    stdio: 'inherit',
    env: { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) },
  });
  if (status !== 0) process.exitCode = 1;
}
