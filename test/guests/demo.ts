import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { $, chalk } from 'zx';
import { packTarball } from '../support/tarballs.js';
import { debian6, debian6Date } from './debian6.js';
import { program as command } from '../support/project.js';

/**
 * `npm start`: the broken server of "All About Nova-Agent" as a tarball, judged, repaired and stamped. Everything it
 * shows is the command's own output.
 */
const folder = 'hallmark-demo';
const broken = join(folder, 'debian6-broken.tar.gz');
const golden = join(folder, 'debian6-golden.tar.gz');

async function hallmark(...args: string[]): Promise<number | null> {
  console.log(chalk.bold(`\n$ hallmark ${args.join(' ')}`));
  const { exitCode } = await $({
    nothrow: true,
    env: { ...process.env, SOURCE_DATE_EPOCH: debian6Date },
    stdio: ['ignore', 'inherit', 'inherit'],
  })`${process.execPath} ${command} ${args}`;
  console.log(chalk.dim(`(exit ${exitCode ?? 'by a signal'})`));
  return exitCode;
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
await packTarball(debian6, broken, { gzip: true });
console.log(`A Debian 6 server with the faults that the source documents describe: ${broken}`);

const found = await hallmark('check', broken);
const repaired = await hallmark('prepare', broken, '-o', golden, '--report', join(folder, 'report'));
const stamped = await hallmark('check', golden, '--quiet');
if (found !== 1 || repaired !== 0 || stamped !== 0) {
  console.error(`The demonstration went wrong: check ${found}, prepare ${repaired}, check again ${stamped}`);
  process.exitCode = 1;
} else {
  console.log(`\nThe golden image: ${golden}`);
  console.log(`The reports, in every format: ${join(folder, 'report')}/ (open report.html in a browser)`);
}
