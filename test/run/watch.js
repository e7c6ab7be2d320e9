import { spawn } from 'node:child_process';
import console from 'node:console';
import { readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout, clearTimeout } from 'node:timers';
import { URL, fileURLToPath } from 'node:url';
import { folders } from './outputs.js';

/**
 * `npm run watch -- FILE… [mocha's options]`: what `npm run t` does, again at each change of a source. A run that is not
 * finished by then is ended. Each folder is watched by itself: an editor that saves by renaming escapes Node.js's
 * recursive watch.
 */
const one = fileURLToPath(new URL('one.js', import.meta.url));
const watched = new Set();
let timer;
let running;

function runSoon() {
  clearTimeout(timer);
  // One saving of an editor is several changes.
  timer = setTimeout(run, 50);
}

function run() {
  running?.kill();
  const child = spawn(process.execPath, [one, ...process.argv.slice(2)], { stdio: 'inherit' });
  running = child;
  child.on('exit', () => {
    if (running !== child) return;
    running = undefined;
    console.log('Waiting for a change …');
  });
}

/** Watches a folder and those inside it, and those that are made in it later. */
function look(folder) {
  if (watched.has(folder)) return;
  watched.add(folder);
  const watcher = watch(folder, (_event, name) => {
    if (name === null) return;
    const path = join(folder, name);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) look(path);
    else if (/\.(?:ts|json|jsonl|yaml)$/.test(name)) runSoon();
  });
  watcher.on('error', () => {
    watched.delete(folder);
    watcher.close();
  });
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) look(join(folder, entry.name));
}

for (const folder of folders) look(folder);
run();
