import type { InstallOrder, Installer } from '../../fixers/lib/installer.js';
import { remove, write } from '../../images/image/change.js';

export const order: InstallOrder = { offline: false, source: { kind: 'folder', path: '/repo' } };

/** An installer that notes what it is asked for, and leaves a file for each package. */
export function installerOf(cloudInit: InstallOrder | undefined, asked: unknown[] = []): Installer {
  return {
    agent: undefined,
    xe: undefined,
    cloudInit,
    install: async (_, { names }, view) => {
      asked.push(names);
      return write(view, `/usr/share/${names[0] ?? ''}`, 'installed\n');
    },
    remove: async (names, view) => {
      asked.push(names);
      return remove(view, '/usr/bin/nova-agent');
    },
  };
}
