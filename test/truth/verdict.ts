import type { Report } from '../../pipeline/report/report.js';
import type { Row } from './row.js';
import type { Shown } from './boot/shown.js';

/**
 * How the static verdict and reality stand to each other. wrong cause: the verdict is right, and no finding gives the
 * reason. noise: the verdict is right, and a finding warns of what does no harm. unlike: the row says otherwise than its
 * own boot.
 */
export type Standing =
  'agrees' | 'undecided' | 'false golden' | 'false alarm' | 'wrong cause' | 'noise' | 'unjudged' | 'unlike';

/** What `check` says of an image. */
export interface Verdict {
  readonly word: Report['verdict'];
  /** The checks that have a finding, with all that they say. */
  readonly spoke: ReadonlyMap<string, string>;
}

export function verdictOf(report: Report): Verdict {
  const spoke = report.results
    .filter(({ outcome }) => outcome === 'fail' || outcome === 'error')
    .map(({ id, reason = '', findings }): [string, string] => [
      id,
      [reason, ...findings.map(({ path = '', line = '', message }) => `${path}:${line} ${message}`)].join(
        '\n',
      ),
    ]);
  return { word: report.verdict, spoke: new Map(spoke) };
}

/** @param own - what the checks say of the guest without the fault */
export function standing(row: Row, verdict: Verdict, own: Verdict): Standing {
  if (verdict.word === 'incomplete') return 'unjudged';
  const golden = verdict.word === 'golden';
  const heard = row.speaks.flatMap((id) => verdict.spoke.get(id) ?? []);
  const said = heard.length > 0 && (row.says === undefined || heard.some((text) => row.says?.test(text)));
  switch (row.is) {
    case 'tunnel':
      if (heard.length === 0) return 'false golden';
      return said ? 'agrees' : 'wrong cause';
    case 'quiet':
      return verdict.spoke.has('vpn-autostart') ? 'false alarm' : 'agrees';
    case 'broken':
      if (golden) return row.undecidable && said ? 'undecided' : 'false golden';
      return said ? 'agrees' : 'wrong cause';
    case 'works':
      if (!golden) return 'false alarm';
      return extra(row, verdict, own).length === 0 ? 'agrees' : 'noise';
  }
}

/** Of what works: the checks that speak, and did not speak of the guest without it. */
export function extra(row: Row, verdict: Verdict, own: Verdict): readonly string[] {
  return [...verdict.spoke.keys()].filter((id) => !own.spoke.has(id) && !row.may.includes(id));
}

/** Whether a boot shows what the row says of reality. */
export function isAsSaid({ is }: Row, { works, tunnels }: Shown): boolean {
  switch (is) {
    case 'tunnel':
      return works && tunnels.length > 0;
    case 'quiet':
      return works && tunnels.length === 0;
    case 'broken':
      return !works;
    case 'works':
      return works;
  }
}
