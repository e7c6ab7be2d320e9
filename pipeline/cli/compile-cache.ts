import { lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** What Node.js 20 does not have. */
interface CompileCaching {
  readonly enableCompileCache?: (folder: string) => { readonly directory?: string };
}

/**
 * Has Node.js (from 22.1 on) keep what it compiles of the command for later runs, in a folder beside the program. That
 * one is as safe as the program: whoever may write there may change the command itself. Nobody else enters the folder.
 * Where the folder cannot be made, as in a system's installation that another user runs, nothing is kept.
 * @param program - folder of the program; undefined for the standalone executable, which is compiled already
 * @returns where it is kept, if anywhere
 */
export function keepCompiled(program: string | undefined): string | undefined {
  const { enableCompileCache } = process.getBuiltinModule('node:module') as CompileCaching;
  // Coverage is counted in code as it was written.
  if (program === undefined || !enableCompileCache || process.env['NODE_V8_COVERAGE']) return undefined;
  const folder = join(program, '.compile-cache');
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch {
    // It is there already, or cannot be made: the next line tells.
  }
  const entry = lstatSync(folder, { throwIfNoEntry: false });
  const isOurs = entry?.isDirectory() && entry.uid === process.geteuid?.() && (entry.mode & 0o077) === 0;
  return isOurs ? enableCompileCache(folder).directory : undefined;
}
