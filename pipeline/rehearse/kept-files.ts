import { join } from 'node:path';

/** What `--keep` leaves of a guest, in its folder. */
export const keptFiles = (folder: string): { readonly console: string; readonly written: string } => ({
  console: join(folder, 'console.log'),
  written: join(folder, 'written.tar'),
});
