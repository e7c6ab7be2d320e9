import { write } from '../images/image/change.js';
import { vpns } from '../images/guest/vpn/vpns.js';
import type { Change } from '../images/image/image.js';
import { collapse, overlay } from '../images/image/overlay.js';
import { defineFixer } from './lib/fixer.js';
import { entriesFor, printRecord, recordPath, vpnRecord } from '../images/guest/vpn/record.js';

export const vpnAutostart = defineFixer({
  meta: {
    id: 'vpn-autostart',
    title: 'Stop VPNs from starting at boot, and record how they started',
    risk: 'reviewed',
    phase: 'disable',
    docs: `Removes the links and changes the lines that start a VPN at boot, also those of scripts, hooks and netplan; its configuration and keys stay where they are. What was there (the targets of links, the lines of files) is recorded in ${recordPath}, which only root can read, so that \`hallmark snapshot restore\` can put it back on a server that needs the VPN. A VPN whose start cannot be put back from the record is left alone.`,
  },
  needs: { vpnRecord, vpns },
  async *plan({ image, imageDay, facts: { vpnRecord, vpns } }) {
    const all: Change[] = [];
    for (const vpn of vpns) {
      const now = await overlay(image, all);
      const changes = await vpn.disable(now);
      if (await entriesFor(now, collapse(changes))) all.push(...changes);
    }
    const entries = await entriesFor(image, collapse(all));
    if (!entries || entries.length === 0) return;
    yield* all;
    const record = printRecord(vpnRecord?.since ?? imageDay, [...(vpnRecord?.entries ?? []), ...entries]);
    yield* await write(image, recordPath, record, { mode: 0o600, uid: 0, gid: 0 });
  },
});
