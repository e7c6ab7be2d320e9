import { ImageError } from '../base/errors.js';
import { isInstalled } from '../base/exec.js';

/** A program of the host, with the Debian package that has it. */
export type Requirements = Readonly<Record<string, string>>;

/** What every sandbox is made with. */
export const sandboxPrograms: Requirements = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  mount: 'mount',
  'systemd-nspawn': 'systemd-container',
};

/** What a guest with a network and a hypervisor to talk to needs besides. */
export const machinePrograms: Requirements = { ...sandboxPrograms, ip: 'iproute2', socat: 'socat' };

/**
 * Asks for everything at once, before anything is begun.
 * @param why - what is said to anybody but root
 * @throws {ImageError} code `not-root`, or `missing-tool` naming every program and package that is missing
 */
export function assertPossible(
  programs: Requirements,
  why = 'only root can run a guest: nobody else may mount and make namespaces',
): void {
  if (process.geteuid?.() !== 0) throw new ImageError('not-root', why, { hint: 'Run Hallmark as root.' });
  const missing = Object.keys(programs).filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((name) => programs[name] ?? name))].sort();
  throw new ImageError('missing-tool', `not installed: ${missing.join(', ')}`, {
    hint: `Run "apt-get install ${packages.join(' ')}".`,
  });
}
