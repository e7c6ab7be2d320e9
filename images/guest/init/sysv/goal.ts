import { splitLines, joinLines } from '../../../formats/lines.js';
import { parseRcEntries } from '../../../formats/inittab.js';
import { write } from '../../../image/change.js';
import type { Change } from '../../../image/image.js';
import type { BootWord } from '../../boot/entry.js';
import type { BootGoal, GoalObstacle } from '../boot-goal.js';
import { kernelRunlevel } from './kernel-words.js';
import { type Runlevel, runlevels, startRunlevels } from './layout.js';
import { type Sysv, startLinks } from './state.js';

/** What the runlevels are in which a server does not work (init(8)). */
const purposes: ReadonlyMap<string, string> = new Map([
  ['0', 'halts the server'],
  ['6', 'reboots the server again and again'],
  ['1', 'is for one person at the console'],
  ['S', 'is for one person at the console'],
]);

/** Where the boot leads, and what is wrong with that. */
export async function goalOf(sysv: Sysv): Promise<BootGoal> {
  const { defaultRunlevel, configuredRunlevel, kernel } = sysv;
  const obstacles: GoalObstacle[] = [];
  const { level, emergency } = kernel.sure;
  if (emergency) obstacles.push(shell(emergency, true));
  if (!isStart(defaultRunlevel.runlevel)) obstacles.push(wrongRunlevel(sysv));
  else if (!level && (await asksForRunlevel(sysv)))
    obstacles.push({
      certain: true,
      evidence: { path: '/etc/inittab' },
      because: '/etc/inittab has no initdefault line, and init asks for a runlevel at the console',
    });
  else obstacles.push(...(await notRun(sysv)));
  const doubtful = kernelRunlevel(kernel.doubtful);
  if (doubtful.emergency) obstacles.push(shell(doubtful.emergency, false));
  if (doubtful.level && !isStart(doubtful.level.runlevel)) {
    const { runlevel, word } = doubtful.level;
    const entry = 'of an entry that may be the one that is booted';
    const because = `${word.text} on the kernel command line ${entry} leads to runlevel ${runlevel}, which ${purposeOf(runlevel)}`;
    obstacles.push({ certain: false, evidence: word.evidence, because, word: word.text });
  }
  const withheld = new Map<string, BootWord>();
  if (level && isStart(configuredRunlevel.runlevel)) {
    for (const name of sysv.scripts.keys()) {
      const usual = startLinks(sysv, name, configuredRunlevel.runlevel);
      const early = startLinks(sysv, name, 'S');
      const now = runlevels.find((one) => one === level.runlevel);
      const starts = early.length > 0 || (now !== undefined && startLinks(sysv, name, now).length > 0);
      if (usual.length > 0 && !starts) withheld.set(name, level.word);
    }
  }
  return { name: `runlevel ${defaultRunlevel.runlevel}`, obstacles, withheld };
}

function wrongRunlevel({ kernel, defaultRunlevel }: Sysv): GoalObstacle {
  const { level } = kernel.sure;
  const { runlevel, evidence = { path: '/etc/inittab' as const } } = defaultRunlevel;
  const leads = `leads to runlevel ${runlevel}, which ${purposeOf(runlevel)}`;
  const because = level
    ? `${level.word.text} on the kernel command line ${leads}`
    : `the initdefault line of /etc/inittab ${leads}`;
  return { certain: true, evidence, because, word: level?.word.text };
}

/** With these, init runs the entry on its way into a runlevel; `off` and words that it does not know do nothing. */
const live: ReadonlySet<string> = new Set(['wait', 'once', 'respawn']);

/**
 * inittab(5): sysvinit starts the scripts of a runlevel only by an entry of that runlevel. A table without any such entry
 * is the work of somebody who has it started otherwise; upstart, as Enterprise Linux 6 has it, asks no table.
 */
async function notRun({ image, dialect, defaultRunlevel }: Sysv): Promise<readonly GoalObstacle[]> {
  const { runlevel } = defaultRunlevel;
  if (dialect === 'chkconfig') return [];
  const entries = parseRcEntries((await image.readText('/etc/inittab')) ?? '');
  if (entries.length === 0) return [];
  const own = entries.filter(({ levels, action }) => levels.includes(runlevel) && live.has(action));
  if (own.some(({ runs }) => runs === runlevel)) return [];
  const [other] = own;
  const path = '/etc/inittab';
  if (other) {
    const because = `/etc/inittab runs the scripts of runlevel ${other.runs} in runlevel ${runlevel}`;
    return [{ certain: false, evidence: { path, line: other.line }, because }];
  }
  const line = entries.find(({ levels, runs }) => levels.includes(runlevel) || runs === runlevel)?.line;
  const because = `no line of /etc/inittab runs the scripts of runlevel ${runlevel}, to which the boot leads`;
  return [{ certain: true, evidence: line === undefined ? { path } : { path, line }, because }];
}

function shell({ text, evidence }: BootWord, certain: boolean): GoalObstacle {
  const entry = certain ? '' : ' of an entry that may be the one that is booted';
  const because = `${text} on the kernel command line${entry} has init start a shell at the console and nothing else`;
  return { certain, evidence, because, word: text };
}

function purposeOf(runlevel: string): string {
  return purposes.get(runlevel) ?? 'starts nothing';
}

function isStart(runlevel: string): runlevel is (typeof startRunlevels)[number] & Runlevel {
  return startRunlevels.some((one) => one === runlevel);
}

/** sysvinit does (init.c `get_init_default`); upstart, which only Enterprise Linux 6 has here, takes 3. */
async function asksForRunlevel({ image, dialect, configuredRunlevel }: Sysv): Promise<boolean> {
  if (configuredRunlevel.evidence || dialect === 'chkconfig') return false;
  return (await image.stat('/etc/inittab')) !== undefined;
}

/** Changes after which inittab leads to a runlevel of a server: 2 on Debian, 3 on others. */
export async function setDefault({ image, dialect }: Sysv): Promise<Change[]> {
  const path = (await image.realPath('/etc/inittab')) ?? '/etc/inittab';
  const text = (await image.readText(path)) ?? '';
  const runlevel = dialect === 'chkconfig' ? '3' : '2';
  const pattern = /^(\s*[^#:\s][^:]*:)[^:]*(:initdefault\b.*)$/;
  const lines = splitLines(text);
  const at = lines.findIndex((line) => pattern.test(line.text));
  const edited = lines.map((line, index) =>
    index === at
      ? {
          ...line,
          text: line.text.replace(
            pattern,
            (_, before: string, after: string) => `${before}${runlevel}${after}`,
          ),
        }
      : line,
  );
  return write(image, path, at < 0 ? `id:${runlevel}:initdefault:\n${text}` : joinLines(edited));
}
