import { bootEntries } from './faults/boot-entries.js';
import { cloudInitData } from './faults/cloud-init-data.js';
import { cloudInit } from './faults/cloud-init.js';
import { conditions } from './faults/conditions.js';
import { dns } from './faults/dns.js';
import { form } from './faults/form.js';
import { generators } from './faults/generators.js';
import { identity } from './faults/identity.js';
import { mounts } from './faults/mounts.js';
import { network } from './faults/network.js';
import { osIdea } from './faults/os-idea.js';
import { presets } from './faults/presets.js';
import { programs } from './faults/programs.js';
import { properties } from './faults/properties.js';
import { python } from './faults/python.js';
import { reach } from './faults/reach.js';
import { relations } from './faults/relations.js';
import { starters } from './faults/starters.js';
import { sysv } from './faults/sysv.js';
import { unitProcess } from './faults/unit-process.js';
import { unread } from './faults/unread.js';
import { vpn } from './faults/vpn.js';
import { writes } from './faults/writes.js';
import { type GuestName, guests } from './guests.js';
import { type Row, rowsOf } from './row.js';

const names = Object.keys(guests) as GuestName[];

/** Every guest as it is: what the faults are put into works. */
const asTheyAre: readonly Row[] = [
  ...rowsOf('as-it-is', [
    {
      id: 'nothing',
      on: names.filter((name) => guests[name].depth !== 'none'),
      what: 'nothing',
      is: 'works',
    },
    {
      id: 'prepared',
      on: names.filter((name) => guests[name].depth === 'none'),
      what: 'nothing',
      is: 'works',
      by: { source: 'test/guests/rpm.ts: what these packages are' },
    },
  ]),
];

/** The whole corpus, by the kinds of faults. */
export const rows: readonly Row[] = [
  ...asTheyAre,
  ...bootEntries,
  ...conditions,
  ...relations,
  ...reach,
  ...starters,
  ...presets,
  ...generators,
  ...sysv,
  ...unitProcess,
  ...python,
  ...programs,
  ...mounts,
  ...writes,
  ...osIdea,
  ...form,
  ...cloudInit,
  ...cloudInitData,
  ...network,
  ...dns,
  ...vpn,
  ...unread,
  ...properties,
  ...identity,
];
