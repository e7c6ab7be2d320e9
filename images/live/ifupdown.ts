import { ImageError } from '../base/errors.js';
import { run } from '../base/exec.js';
import { tunnelInterfaces } from '../guest/vpn/ifupdown.js';
import type { Starter } from './starter.js';
import { tell } from './tell.js';
import { tunnels } from './tunnels.js';

/** Interfaces of ifupdown, by ifup(8) and ifdown(8). */
export const ifupdownStarter: Starter = {
  name: 'ifupdown',
  async running(image, get) {
    const up = upInterfaces(await ifquery());
    if (up.length === 0) return [];
    const devices = new Set((await get(tunnels)).map(({ name }) => name));
    // PPP gives its device another name, so there only the configuration tells.
    const configured = await tunnelInterfaces(image);
    return up
      .filter(({ device, stanza }) => devices.has(device) || configured.has(stanza))
      .map(({ device, stanza }) => ({
        by: 'ifupdown' as const,
        id: device === stanza ? device : `${device}=${stanza}`,
      }));
  },
  start: async (id) => {
    await tell('ifup', [id], 'ifupdown');
  },
  stop: async (id) => {
    await tell('ifdown', [id.split('=', 1)[0] ?? id], 'ifupdown');
  },
  // It reads its files whenever it is called.
  reload: async () => undefined,
};

/** What `ifquery --state` prints: `device=stanza` of every interface that ifup has brought up and ifdown not down. */
export function upInterfaces(text: string): { readonly device: string; readonly stanza: string }[] {
  return text
    .split('\n')
    .map((line) => /^([^=\s]+)=(\S+)$/.exec(line.trim()))
    .flatMap((match) => (match ? [{ device: match[1] ?? '', stanza: match[2] ?? '' }] : []))
    .sort((a, b) => (a.device < b.device ? -1 : 1));
}

/** Without ifquery, or with one that does not know --state, nothing is known to be up. */
async function ifquery(): Promise<string> {
  try {
    const { exitCode, stdout } = await run('ifquery', ['--state']);
    return exitCode === 0 ? stdout : '';
  } catch (error) {
    if (error instanceof ImageError && error.code === 'missing-tool') return '';
    throw error;
  }
}
