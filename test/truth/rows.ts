import { type GuestName, guests } from './guests.js';
import { type Row, rowsOf } from './row.js';
import { conditions } from './faults/conditions.js';

/** Every guest as it is: what the faults are put into works. */
const asTheyAre: readonly Row[] = rowsOf('as-it-is', [
  { id: 'nothing', on: Object.keys(guests) as GuestName[], what: 'nothing', is: 'works' },
]);

export const rows: readonly Row[] = [...asTheyAre, ...conditions];
