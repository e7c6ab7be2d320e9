import type { ProvenClaim } from '../../report/rehearsal.js';
import { claimed } from './claim.js';
import type { Guest } from './guest.js';

/** What systemd says when it takes a job out of the boot: src/core/transaction.c. */
const broken = /Found ordering cycle|deleted to break ordering cycle|Unable to break cycle/;

/** Whether the boot went as it was ordered. */
export function bootClaims({ booted, console, known }: Guest): ProvenClaim[] {
  if (!booted || known.init.system !== 'systemd') return [];
  const lines = console.filter((line) => broken.test(line));
  const deleted = lines.find((line) => line.includes('deleted'));
  return [
    claimed(
      'no-cycle',
      'systemd started everything that the boot asks for',
      lines.length === 0,
      deleted ?? lines[0] ?? 'it found no ordering cycle',
    ),
  ];
}
