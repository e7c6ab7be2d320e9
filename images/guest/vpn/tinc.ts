import { commentOut, splitLines } from '../../formats/lines.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import type { Vpn } from './vpn.js';
import { instancesOf } from './instances.js';
import type { Mechanism } from './mechanism.js';
import { rewrite } from './rewrite.js';
import { isStarted } from './started.js';

const netsBoot: GuestPath = '/etc/tinc/nets.boot';

/**
 * tinc: instances of tinc@.service, which tinc.service wants; and, for the init script, the nets that nets.boot lists,
 * one in a line with options behind its name.
 */
export const tinc: Mechanism = {
  inputs: [netsBoot, '/etc/tinc/*/tinc.conf'],
  async find(guest) {
    const { image, services } = guest;
    const found: Vpn[] = [];
    for (const instance of await instancesOf(guest, 'tinc', '/etc/tinc/%i/tinc.conf')) {
      const { name, evidence, how, disable } = instance;
      found.push({
        product: 'tinc',
        name,
        evidence,
        how,
        tunnelLink: await isTunnel(image, name),
        disable,
      });
    }
    const service = services.find('tinc');
    if (service?.origin !== 'script' || !(await isStarted(services, service))) return found;
    for (const { name, line } of netsIn((await image.readText(netsBoot)) ?? '')) {
      found.push({
        product: 'tinc',
        name,
        evidence: { path: netsBoot, line },
        how: `${netsBoot} lists it`,
        tunnelLink: await isTunnel(image, name),
        disable: (now) => dropNet(now, name),
      });
    }
    return found;
  },
};

async function dropNet(image: Image, name: string): Promise<Change[]> {
  return rewrite(image, netsBoot, (text) => {
    const lines = netsIn(text).filter((net) => net.name === name);
    return commentOut(
      text,
      lines.map(({ line }) => line),
    );
  });
}

function netsIn(text: string): { name: string; line: number }[] {
  return splitLines(text).flatMap(({ text: line }, at) => {
    const name = /^\s*([A-Za-z0-9_-]+)/.exec(line)?.[1];
    return name === undefined ? [] : [{ name, line: at + 1 }];
  });
}

/** A net that routes (the default) makes a tun device; one that switches, a tap device. */
async function isTunnel(image: Image, net: string): Promise<boolean> {
  const text = (await image.readText(`/etc/tinc/${net}/tinc.conf`)) ?? '';
  return !splitLines(text).some(({ text: line }) =>
    /^\s*(?:mode\s*=?\s*(?:switch|hub)|devicetype\s*=?\s*tap)\b/i.test(line),
  );
}
