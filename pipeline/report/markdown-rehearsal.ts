import type { ProvenClaim, Rehearsal } from './rehearsal.js';
import { markdown as prose, markdownCellCode } from './escape.js';
import {
  circumstancesInWords,
  claimInWords,
  claimWords,
  claimsInWords,
  claimsWorstFirst,
  rehearsalInWords,
  seconds,
  tookInWords,
} from './rehearsal-words.js';
import { capitalised } from './english.js';

/** What came of the rehearsal, and a table of the claims that failed or were not proven. */
export function rehearsalBlocks(rehearsal: Rehearsal): string[] {
  const { reason, kept } = rehearsal;
  const head = [
    `**${capitalised(rehearsalInWords(rehearsal))}**${reason === undefined ? '' : `: ${prose(reason)}`}`,
    `${prose(circumstancesInWords(rehearsal))} ${capitalised(claimsInWords(rehearsal))}.`,
    ...(kept === undefined ? [] : [`Logs and changed files of the guest: ${prose(kept)}`]),
  ];
  const open = claimsWorstFirst(rehearsal).filter(({ outcome }) => outcome !== 'pass');
  return [head.join('\n\n'), ...(open.length === 0 ? [] : [claimTable(open)])];
}

/** Details: the claims that passed, and the timeline. */
export function rehearsalTables({ evidence, timeline }: Rehearsal): string[] {
  const proven = evidence.filter(({ outcome }) => outcome === 'pass');
  const rows = timeline.map((entry) => {
    const outcome = entry.outcome === undefined ? '' : claimWords[entry.outcome];
    return `| ${seconds(entry.atMs)} | ${tookInWords(entry)} | ${entry.kind} | ${prose(entry.what)} | ${outcome} | ${prose(entry.detail ?? '')} |`;
  });
  return [
    ...(proven.length === 0 ? [] : [claimTable(proven)]),
    ...(rows.length === 0
      ? []
      : [
          [
            '| at | took | kind | what | outcome | answered or seen |',
            '| --: | --: | --- | --- | --- | --- |',
            ...rows,
          ].join('\n'),
        ]),
  ];
}

function claimTable(claims: readonly ProvenClaim[]): string {
  const rows = claims.map((proven) => {
    const { claim, seen } = claimInWords(proven);
    return `| ${claimWords[proven.outcome]} | ${markdownCellCode(proven.id)} | ${prose(claim)} | ${prose(seen)} |`;
  });
  return ['| outcome | id | claim | what the guest showed |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
}
