import { spawn } from 'node:child_process';
import { join } from 'node:path';

/**
 * `npm run truth`, whose options hold.ts has. All of it happens in a mount namespace of its own: no mount outlives it,
 * however it ends, and none is seen by whoever makes a namespace meanwhile.
 */
const isolated = ['--mount', '--propagation', 'private', process.execPath, '--enable-source-maps'];
const child = spawn(
  'unshare',
  [...isolated, join(import.meta.dirname, 'hold.js'), ...process.argv.slice(2)],
  {
    stdio: 'inherit',
  },
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
child.on('exit', (status, signal) => {
  process.exitCode = status ?? (signal === 'SIGINT' ? 130 : 143);
});
