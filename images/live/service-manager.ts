import { existsSync } from 'node:fs';
import { tell } from './tell.js';

/** The init system of the running server, by its own tool. */
export interface ServiceManager {
  readonly tool: 'systemctl' | 'service';
  /** The services that are active, sorted; of systemd only. @param names - names or patterns, without suffix */
  active(names: readonly string[]): Promise<string[]>;
  /** @throws {ImageError} code `program-failed`, with what the tool said */
  start(id: string): Promise<void>;
  /** As {@link start}. */
  stop(id: string): Promise<void>;
  /** Lets it know that unit files or links changed; SysV init reads them when it needs them. */
  reload(): Promise<void>;
}

/** systemd runs the system exactly when it has made this directory (sd_booted(3)). */
export function serviceManager(): ServiceManager {
  return existsSync('/run/systemd/system') ? systemd : sysv;
}

const systemd: ServiceManager = {
  tool: 'systemctl',
  async active(names) {
    const listed = await tell('systemctl', [
      'list-units',
      '--type=service',
      '--state=active,activating,reloading',
      '--plain',
      '--no-legend',
      '--no-pager',
      '--full',
      '--',
      ...names.map((name) => `${name}.service`),
    ]);
    const ids = listed.split('\n').map((line) => line.trim().split(/\s+/)[0] ?? '');
    return [...new Set(ids)].filter((id) => id !== '').sort();
  },
  start: async (id) => {
    await tell('systemctl', ['start', '--', id]);
  },
  stop: async (id) => {
    await tell('systemctl', ['stop', '--', id]);
  },
  reload: async () => {
    await tell('systemctl', ['daemon-reload']);
  },
};

const sysv: ServiceManager = {
  tool: 'service',
  active: () => Promise.reject(new Error('SysV init keeps no list of what is active')),
  start: async (id) => {
    await tell('service', [id, 'start']);
  },
  stop: async (id) => {
    await tell('service', [id, 'stop']);
  },
  reload: async () => undefined,
};
