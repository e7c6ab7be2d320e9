/**
 * Loaded before a program (`node --import`): kills it just before its DIE_ATth system call that changes a file system by
 * name or writes a whole file. Without DIE_AT it tells in the end, in the file COUNT_TO, how many there were.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const dieAt = Number(process.env['DIE_AT'] ?? 0);
const countTo = process.env['COUNT_TO'];
let count = 0;

const calls = [
  'linkSync',
  'mkdirSync',
  'renameSync',
  'rmSync',
  'rmdirSync',
  'symlinkSync',
  'unlinkSync',
  'writeFileSync',
] as const;

const functions = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
for (const name of calls) {
  const original = functions[name];
  if (!original) throw new Error(`there is no ${name}`);
  functions[name] = (...args) => {
    count++;
    if (count === dieAt) process.kill(process.pid, 'SIGKILL');
    return original(...args);
  };
}
syncBuiltinESMExports();

if (countTo !== undefined) {
  const write = fs.writeSync;
  process.on('exit', () => {
    const file = fs.openSync(countTo, 'w');
    write(file, String(count));
  });
}
