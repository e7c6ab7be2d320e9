import type { ProvenClaim, Rehearsal, RehearsalOutcome, TimelineEntry } from './rehearsal.js';
import { type Markup, markup } from './markup.js';
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
import { timelineSvg } from './timeline-svg.js';
import { capitalised } from './english.js';

/** Beyond this many entries a drawing is a thicket; the table still has everything. */
const drawnEntries = 200;

const tones: Readonly<Record<RehearsalOutcome | ProvenClaim['outcome'], string>> = {
  passed: 'pass',
  failed: 'fail',
  impossible: 'unjudged',
  pass: 'pass',
  fail: 'fail',
  'not-proven': 'unjudged',
};

/** The rehearsal: what came of it, its timeline drawn, each claim with what was seen, and the timeline in words. */
export function rehearsalSection(rehearsal: Rehearsal): Markup {
  const { outcome, reason, timeline, kept } = rehearsal;
  return markup`<section aria-labelledby="rehearsal"><h2 id="rehearsal">Rehearsed first boot</h2>
<article class="card ${tones[outcome]}"><header><span class="badge">${outcome}</span><h3>${capitalised(rehearsalInWords(rehearsal))}</h3><span class="id">${claimsInWords(rehearsal)}</span></header>
${reason === undefined ? undefined : markup`<p>${reason}</p>`}<p class="id">${circumstancesInWords(rehearsal)}</p>
${kept === undefined ? undefined : markup`<p class="id">Logs and changed files of the guest: <code>${kept}</code></p>`}${drawing(timeline)}${claimTable(rehearsal)}${timelineTable(timeline)}</article>
</section>
`;
}

function drawing(timeline: readonly TimelineEntry[]): Markup | undefined {
  if (timeline.length === 0) return undefined;
  if (timeline.length > drawnEntries)
    return markup`<p>${timeline.length} events are too many to draw.</p>
`;
  return markup`<div class="scroll">${timelineSvg(timeline)}</div>
`;
}

function claimTable(rehearsal: Rehearsal): Markup | undefined {
  if (rehearsal.evidence.length === 0) return undefined;
  const rows = claimsWorstFirst(rehearsal).map((proven) => {
    const { id, outcome } = proven;
    const { claim, seen } = claimInWords(proven);
    return markup`<tr${wrong(outcome)}><td><span class="badge ${tones[outcome]}">${claimWords[outcome]}</span></td><th scope="row">${claim}<br><code class="id">${id}</code></th><td>${seen}</td></tr>
`;
  });
  return markup`<div class="scroll"><table><caption>Evidence taken from the guest itself, not from what its agent reported</caption><thead><tr><th scope="col">outcome</th><th scope="col">claim</th><th scope="col">what the guest showed</th></tr></thead><tbody>
${rows}</tbody></table></div>
`;
}

function timelineTable(timeline: readonly TimelineEntry[]): Markup | undefined {
  if (timeline.length === 0) return undefined;
  const rows = timeline.map((entry) => {
    const { atMs, kind, what, outcome, detail } = entry;
    const badge = outcome && markup`<span class="badge ${tones[outcome]}">${claimWords[outcome]}</span>`;
    return markup`<tr${wrong(outcome)}><td class="number">${seconds(atMs)}</td><td class="number">${tookInWords(entry)}</td><td>${kind}</td><th scope="row">${what}</th><td>${badge}</td><td>${detail}</td></tr>
`;
  });
  return markup`<div class="scroll"><table><caption>The timeline in words</caption><thead><tr><th scope="col" class="number">at</th><th scope="col" class="number">took</th><th scope="col">kind</th><th scope="col">what</th><th scope="col">outcome</th><th scope="col">answered or seen</th></tr></thead><tbody>
${rows}</tbody></table></div>
`;
}

function wrong(outcome: ProvenClaim['outcome'] | undefined): Markup | undefined {
  return outcome === 'fail' ? markup` class="wrong-row"` : undefined;
}
