import { kindWords } from '../../images/sources/words.js';
import { type Severity, atLeast } from '../../checks/lib/check.js';
import type { CheckResult, ReportedFinding } from '../../checks/lib/result.js';
import {
  type Report,
  type ReportedChange,
  type ReportedInstallation,
  type ReportedRule,
  type ReportedState,
  type Verdict,
  isRepair,
} from './report.js';
import { shell } from './escape.js';
import { rehearsalInWords } from './rehearsal-words.js';

/** What every format says alike. Nothing here is escaped yet: that is for the format. */

export const verdictWords: Readonly<Record<Verdict, string>> = {
  golden: 'GOLDEN',
  'not-golden': 'NOT GOLDEN',
  incomplete: 'INCOMPLETE',
};

/** The verdict in one sentence. */
export function verdictSentence(report: Report): string {
  const { failOn } = report;
  const grave = findingsInWords(report, (severity) => atLeast(severity, failOn));
  const light = findingsInWords(report, (severity) => !atLeast(severity, failOn));
  const below = light === '' ? '' : `${light} below the threshold "${failOn}"`;
  const rehearsed = report.rehearsal ? rehearsalInWords(report.rehearsal) : '';
  switch (report.verdict) {
    case 'incomplete': {
      const { error } = report.counts.outcomes;
      const unknown = [
        error === 0 ? '' : `${count(error, 'check')} could not be judged`,
        report.rehearsal?.outcome === 'impossible' ? rehearsed : '',
      ];
      const reasons = sentence(unknown, ' and ', ', so nobody can call this image golden.');
      return reasons || 'None of the checks applies, so nothing was judged.';
    }
    case 'not-golden':
      return sentence([rehearsed, grave === '' ? '' : `${grave} to resolve`, below]);
    case 'golden':
      return sentence([rehearsed, below || 'nothing is left to resolve']);
  }
}

/** One sentence of those parts that say something; without any the empty string. */
function sentence(parts: readonly string[], separator = '; ', end = '.'): string {
  const text = parts.filter((part) => part !== '').join(separator);
  return text === '' ? '' : capitalised(text) + end;
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "2 errors, 1 warning": the remaining findings of some severities; without any the empty string. */
function findingsInWords({ counts: { findings } }: Report, which: (severity: Severity) => boolean): string {
  const words: readonly (readonly [Severity, string])[] = [
    ['error', count(findings.error, 'error')],
    ['warning', count(findings.warning, 'warning')],
    ['info', `${findings.info} of note`],
  ];
  return words
    .filter(([severity]) => findings[severity] > 0 && which(severity))
    .map(([, word]) => word)
    .join(', ');
}

/** "2 with findings, 1 repaired, 12 passed, 3 do not apply" */
export function outcomesInWords({ counts: { outcomes } }: Report): string {
  const words: readonly (readonly [number, string])[] = [
    [outcomes.error, 'not judged'],
    [outcomes.fail, 'with findings'],
    [outcomes.fixed, 'repaired'],
    [outcomes.waived, 'waived'],
    [outcomes.pass, 'passed'],
    [outcomes['not-applicable'], outcomes['not-applicable'] === 1 ? 'does not apply' : 'do not apply'],
  ];
  return words
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${word}`)
    .join(', ');
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** "Debian GNU/Linux 6.0.1, sysv init, nova-agent 1.39.0, xe-guest-utilities 6.2.0" */
export function imageInWords({ image }: Report): string {
  const agents = image.agents?.map(({ generation, version }) => `nova-agent ${version ?? `${generation}.x`}`);
  const words = [
    image.os ? [image.os.name, image.os.version].filter(Boolean).join(' ') : 'unknown system',
    `${image.init ?? 'unknown'} init`,
    ...(agents?.length === 0 ? ['no nova-agent'] : (agents ?? [])),
    ...(image.xe ? [[image.xe.name, image.xe.version].filter(Boolean).join(' ')] : []),
  ];
  return words.join(', ');
}

/** "/etc/init.d/nova-agent:3"; undefined for a finding about the image as a whole. */
export function placeOf({ path, line }: Pick<ReportedFinding, 'path' | 'line'>): string | undefined {
  return path === undefined ? undefined : line === undefined ? path : `${path}:${line}`;
}

/** Results that somebody has to look at, the worst first: not judged, then failures by severity, then by id. */
export function worstFirst({ results }: Report): CheckResult[] {
  const ranks = { error: 3, warning: 2, info: 1 };
  const rank = ({ outcome, severity }: CheckResult): number => (outcome === 'error' ? 4 : ranks[severity]);
  return results
    .filter(({ outcome }) => outcome === 'error' || outcome === 'fail')
    .sort((a, b) => rank(b) - rank(a) || (a.id < b.id ? -1 : 1));
}

export function resultsWith({ results }: Report, outcome: CheckResult['outcome']): CheckResult[] {
  return results.filter((result) => result.outcome === outcome);
}

export function ruleOf({ rules }: Report, id: string): ReportedRule | undefined {
  return rules.find((rule) => rule.id === id);
}

/** Whether a failure weighs enough to keep the image from being golden. */
export function counts({ failOn }: Report, { severity }: CheckResult): boolean {
  return atLeast(severity, failOn);
}

/** What a result is about: of one that was not judged, only the question is known. */
export function headline({ outcome, title }: Pick<CheckResult, 'outcome' | 'title'>): string {
  return outcome === 'error' ? `whether ${title}` : title;
}

/** The first sentence of a text. */
export function firstSentence(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  const end = /[.!?](?= [A-Z])/.exec(flat);
  return end ? flat.slice(0, end.index + 1) : flat;
}

/** A change in a few words: "mode 0644 to 0755", "link to ../init.d/x", "removed". */
export function changeInWords({ kind, before, after }: ReportedChange): string {
  const was = before.type === 'absent' ? '' : `, was ${stateInWords(before)}`;
  switch (kind) {
    case 'remove':
      return `remove ${stateInWords(before)}`;
    case 'directory':
      return before.type === 'directory'
        ? rewriteInWords('directory', before, after)
        : `new ${stateInWords(after)}`;
    case 'link':
      return `${before.type === 'absent' ? 'new ' : ''}${stateInWords(after)}${was}`;
    case 'write':
      return before.type === 'file'
        ? rewriteInWords('edit', before, after)
        : `new ${stateInWords(after)}${was}`;
  }
}

function rewriteInWords(what: string, before: ReportedState, after: ReportedState): string {
  if (!('mode' in before && 'mode' in after)) return what;
  const words = [what];
  if (before.mode !== after.mode) words.push(`mode ${before.mode} to ${after.mode}`);
  const { uid = before.uid, gid = before.gid } = after;
  if (before.uid !== uid || before.gid !== gid) {
    words.push(`owner ${before.uid ?? 0}:${before.gid ?? 0} to ${uid ?? 0}:${gid ?? 0}`);
  }
  return [...words, ...extendedInWords(after)].join(', ');
}

function extendedInWords(state: ReportedState): string[] {
  return state.type === 'file' && state.extended ? [`with ${state.extended.join(' and ')}`] : [];
}

function stateInWords(state: ReportedState): string {
  switch (state.type) {
    case 'absent':
      return 'nothing';
    case 'directory':
      return `directory${state.mode === undefined ? '' : `, mode ${state.mode}`}${ownerInWords(state)}`;
    case 'link':
      return `link to ${state.target}${ownerInWords(state)}`;
    case 'file':
      return [`file, mode ${state.mode}${ownerInWords(state)}`, ...extendedInWords(state)].join(', ');
  }
}

function ownerInWords({ uid = 0, gid = 0 }: { readonly uid?: number; readonly gid?: number }): string {
  return uid === 0 && gid === 0 ? '' : `, owner ${uid}:${gid}`;
}

/** "content not shown (secret)" and what is known of it instead; undefined when there is nothing to say. */
export function notShownInWords({ notShown, after, before }: ReportedChange): string | undefined {
  if (!notShown || notShown === 'installed') return undefined;
  const known = after.type === 'file' ? after : before;
  const facts =
    known.type === 'file' && known.sha256 ? `: ${known.size ?? 0} bytes, sha256 ${known.sha256}` : '';
  return `content not shown (${notShown === 'secret' ? 'it may hold secrets' : notShown})${facts}`;
}

/** What a person can ask for besides the repairs. */
const wishes: Readonly<Record<string, string>> = {
  'root-password': 'Set the password of root',
};

export interface FixerGroup {
  readonly fixer: string;
  readonly title: string;
  readonly risk: 'safe' | 'reviewed' | undefined;
  readonly changes: readonly ReportedChange[];
  readonly properties: Report['properties']['changes'];
  readonly installations: readonly ReportedInstallation[];
}

/** Changes under the fixer that asked first, in the order of the fixers' ids. */
export function byFixer(report: Report): FixerGroup[] {
  const ids = new Set([...report.changes, ...report.properties.changes].map(({ fixers }) => fixers[0] ?? ''));
  return [...ids].sort().map((fixer) => {
    const repair = ruleOf(report, fixer)?.repair;
    return {
      fixer,
      title: repair?.title ?? wishes[fixer] ?? 'Changes that serve several repairs',
      risk: repair?.risk,
      changes: report.changes.filter(({ fixers }) => (fixers[0] ?? '') === fixer),
      properties: report.properties.changes.filter(({ fixers }) => (fixers[0] ?? '') === fixer),
      installations: (report.installations ?? []).filter((each) => each.fixer === fixer),
    };
  });
}

export interface Step {
  readonly say: string;
  /** Command lines for it. */
  readonly run: readonly string[];
}

/** A rescued server is as good as it looks only once it has booted, and images of it are made after that. */
const afterRescue: readonly Step[] = [
  {
    say: 'Leave rescue mode, so that the server boots from its own disk ("Exit Rescue Mode", or):',
    run: ['openstack server unrescue SERVER'],
  },
  {
    say: 'Log in and check it there:',
    run: ['hallmark check /'],
  },
  {
    say: 'Then take a new image. Those that were taken before still have the fault.',
    run: ['openstack server image create SERVER --name NAME'],
  },
];

/** What to do now. */
export function nextSteps(report: Report): Step[] {
  if (report.snapshot) return snapshotSteps(report);
  const source = shell(report.image.source);
  // Without it another target could be chosen, and with it other repairs.
  const target = report.target.requested === 'auto' ? '' : ` --target ${report.target.requested}`;
  const asked = [target, ...(report.options ?? []).map((word) => ` ${shell(word)}`)].join('');
  const output = kindWords[report.image.kind].output(report.image.source);
  const written = output.map((word) => ` ${shell(word)}`).join('');
  const pending = report.changes.length + report.properties.changes.length > 0;
  const steps: Step[] = [];
  if (report.unverified.length > 0) {
    const ids = report.unverified.map(({ fixer }) => fixer).join(', ');
    steps.push({
      say: `These repairs did not prove themselves and were left out; repair by hand: ${ids}.`,
      run: [],
    });
  }
  if (report.counts.outcomes.error > 0) {
    const again = `hallmark ${report.command} ${source}${asked}${report.command === 'prepare' ? written : ''}`;
    steps.push({ say: 'Make readable what could not be judged, then judge again:', run: [again] });
  }
  steps.push(...rehearsalSteps(report, target));
  const repairable = worstFirst(report).some(
    ({ id, outcome }) => outcome === 'fail' && ruleOf(report, id)?.repair,
  );
  if ((report.command === 'check' || report.command === 'rehearse') && repairable) {
    steps.push({ say: 'See what would be repaired, and how:', run: [`hallmark plan ${source}${asked}`] });
    steps.push({ say: 'Repair it:', run: [`hallmark prepare ${source}${asked}${written}`] });
  }
  if (report.command === 'plan' && pending) {
    steps.push({
      say: 'Nothing was written. Make these changes:',
      run: [`hallmark prepare ${source}${asked}${written}`],
    });
  }
  if (report.properties.commands.length > 0) {
    steps.push({ say: 'Set the properties of the image in Glance:', run: report.properties.commands });
  }
  const inPlace = isRepair(report.command) && report.changes.length > 0 && report.output === undefined;
  if (inPlace) steps.push({ say: 'Take the repairs back:', run: [`hallmark undo ${source}`] });
  if (report.command === 'rescue') steps.push(...afterRescue);
  return steps;
}

function rehearsalSteps({ rehearsal, output, image }: Report, asked: string): Step[] {
  const again = `hallmark rehearse ${shell(output?.path ?? image.source)}${asked}`;
  if (rehearsal?.outcome === 'impossible') {
    return [{ say: 'Make the rehearsal possible, then hold it again:', run: [again] }];
  }
  return rehearsal?.outcome === 'failed' && rehearsal.kept === undefined
    ? [
        {
          say: 'Keep the logs of the guest, and see what went wrong:',
          run: [`${again} --report report --keep`],
        },
      ]
    : [];
}

/** What to do now, of a server of which a snapshot is to be taken. */
function snapshotSteps(report: Report): Step[] {
  const { source, kind } = report.image;
  const asked = report.target.requested === 'auto' ? '' : ` --target ${report.target.requested}`;
  const server = kindWords[kind].server(source).map((word) => ` ${shell(word)}`);
  const command = (name: string): string => `hallmark snapshot ${name}${server.join('')}`;
  const steps: Step[] = [];
  if (report.unverified.length > 0) {
    steps.push({ say: 'VPNs could not be kept from starting at boot; see to it by hand.', run: [] });
  }
  const repairable = worstFirst(report).some(
    (result) => result.outcome === 'fail' && counts(report, result) && ruleOf(report, result.id)?.repair,
  );
  if (repairable) {
    steps.push({
      say: 'See what could be repaired before the snapshot, and how:',
      run: [`hallmark plan ${shell(source)}${asked}`],
    });
  }
  const pending = report.command !== 'prepare' && report.changes.length > 0;
  if (pending)
    steps.push({ say: 'Nothing was written. Make these changes:', run: [`${command('prepare')}${asked}`] });
  if (report.command === 'prepare' && report.changes.length > 0) {
    steps.push({
      say: 'Take the snapshot. Once it is complete, put the VPNs back:',
      run: [command('restore')],
    });
  }
  return steps;
}
