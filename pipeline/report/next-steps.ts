import { type KindWords, kindWords } from '../../images/sources/words.js';
import { type Report, isRepair } from './report.js';
import { shell } from './escape.js';
import { isRepairable, reachesThreshold, worstFirst } from './result-words.js';

export interface Step {
  readonly say: string;
  /** Command lines for it. */
  readonly run: readonly string[];
}

/** A rescue is proven only when the server has booted, so images are taken after that. */
const afterRescue: readonly Step[] = [
  {
    say: 'Leave rescue mode, so that the server boots from its own disk ("Exit Rescue Mode", or):',
    run: ['openstack server unrescue SERVER'],
  },
  {
    say: 'Log in to the server and check it there:',
    run: ['hallmark check /'],
  },
  {
    say: 'Then take a new image. Images that were taken earlier still have the fault.',
    run: ['openstack server image create SERVER --name NAME'],
  },
];

/** Without it another target could be chosen, and with it other repairs. */
function targetOption({ target }: Report): string {
  return target === undefined || target.requested === 'auto' ? '' : ` --target ${target.requested}`;
}

/** Words of the kind of an image; a report that has something to advise has it. */
const wordsOf = ({ image }: Report): KindWords => kindWords[image.kind ?? 'directory'];

/** What to do now. */
export function nextSteps(report: Report): Step[] {
  if (report.error) return report.error.hint === undefined ? [] : [{ say: report.error.hint, run: [] }];
  if (report.snapshot) return snapshotSteps(report);
  const source = shell(report.image.source);
  const target = targetOption(report);
  const asked = [target, ...(report.options ?? []).map((word) => ` ${shell(word)}`)].join('');
  const output = wordsOf(report).output(report.image.source);
  const written = output.map((word) => ` ${shell(word)}`).join('');
  const pending = report.changes.length + report.properties.changes.length > 0;
  const steps: Step[] = [];
  if (report.unverified.length > 0) {
    const ids = report.unverified.map(({ fixer }) => fixer).join(', ');
    steps.push({
      say: `These repairs failed verification and were left out. Make them by hand: ${ids}.`,
      run: [],
    });
  }
  if (report.counts.outcomes.error > 0) {
    const again = `hallmark ${report.command} ${source}${asked}${report.command === 'prepare' ? written : ''}`;
    steps.push({
      say: 'Resolve what kept these checks from being judged, then run Hallmark again:',
      run: [again],
    });
  }
  steps.push(...rehearsalSteps(report, target));
  const repairable = worstFirst(report).some(
    (result) => result.outcome === 'fail' && isRepairable(report, result),
  );
  if ((report.command === 'check' || report.command === 'rehearse') && repairable) {
    steps.push({ say: 'See what would be repaired, and how:', run: [`hallmark plan ${source}${asked}`] });
    steps.push({ say: 'Repair the image:', run: [`hallmark prepare ${source}${asked}${written}`] });
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
  if (inPlace) steps.push({ say: 'Undo the repairs:', run: [`hallmark undo ${source}`] });
  if (report.command === 'rescue') {
    if (report.verdict === 'not-golden') {
      const again = [`hallmark rescue ${source}${asked}`];
      steps.push({ say: 'Resolve what is left, then run Hallmark again:', run: again });
    }
    steps.push(...afterRescue);
  }
  return steps;
}

function rehearsalSteps({ rehearsal, output, image }: Report, asked: string): Step[] {
  const again = `hallmark rehearse ${shell(output?.path ?? image.source)}${asked}`;
  if (rehearsal?.outcome === 'impossible') {
    return [{ say: 'Resolve what prevented the rehearsal, then run it again:', run: [again] }];
  }
  return rehearsal?.outcome === 'failed' && rehearsal.kept === undefined
    ? [
        {
          say: 'See what went wrong: rehearse again and keep the logs of the guest:',
          run: [`${again} --report report --keep`],
        },
      ]
    : [];
}

/** What to do now with a server of which a snapshot is to be taken. */
function snapshotSteps(report: Report): Step[] {
  const { source } = report.image;
  const asked = targetOption(report);
  const server = wordsOf(report)
    .server(source)
    .map((word) => ` ${shell(word)}`);
  const command = (name: string): string => `hallmark snapshot ${name}${server.join('')}`;
  const steps: Step[] = [];
  if (report.unverified.length > 0) {
    steps.push({
      say: 'Hallmark could not keep the VPNs from starting at boot. Disable them by hand.',
      run: [],
    });
  }
  const repairable = worstFirst(report).some(
    (result) => result.outcome === 'fail' && reachesThreshold(report, result) && isRepairable(report, result),
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
      say: 'Take the snapshot. When it is complete, put the VPNs back:',
      run: [command('restore')],
    });
  }
  return steps;
}
