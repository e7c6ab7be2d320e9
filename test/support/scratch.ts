import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A new folder for one test, outside the image: removed by whoever disposes it. */
export function scratch(): Disposable & {
  readonly path: string;
  readonly root: string;
  readonly state: string;
} {
  const folder = mkdtempSync(path.join(tmpdir(), 'hallmark-test-'));
  return {
    path: folder,
    root: path.join(folder, 'root'),
    state: path.join(folder, 'state'),
    [Symbol.dispose]: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
