import { link } from '../../../image/change.js';
import type { Change, GuestPath } from '../../../image/image.js';
import { collapse, overlay } from '../../../image/overlay.js';
import { join } from '../../../image/resolve.js';
import type { BootWord } from '../../boot/entry.js';
import type { Evidence } from '../../evidence.js';
import type { BootGoal, GoalObstacle } from '../boot-goal.js';
import type { Boot } from './boot.js';
import { unitDirectorySpelling, unmask } from './enablement.js';
import { generator } from './generators.js';
import { readKernelWords } from './kernel-words.js';
import { configDirectory, searchPath } from './search.js';
import type { Units } from './unit.js';

/** What a server boots into; graphical.target requires it. */
const ordinary = 'multi-user.target';

/** Targets that are there for something else than a server's work (systemd.special(7)). */
const special: ReadonlySet<string> = new Set(
  [
    'rescue',
    'emergency',
    'poweroff',
    'halt',
    'reboot',
    'soft-reboot',
    'kexec',
    'exit',
    'shutdown',
    'umount',
    'final',
    'sleep',
    'suspend',
    'hibernate',
    'hybrid-sleep',
    'suspend-then-hibernate',
    'system-update',
    'factory-reset',
    'storage-target-mode',
    'initrd',
    'initrd-switch-root',
    'basic',
    'sysinit',
    'local-fs',
    'network',
    'network-online',
  ].map((name) => `${name}.target`),
);

/** Where the boot leads, and what is wrong with that. */
export async function goalOf({ units, transaction, words }: Boot): Promise<BootGoal> {
  const obstacles: GoalObstacle[] = [];
  const withheld = new Map<string, BootWord>();
  for (const [name, word] of words.sure.masks) withheld.set(units.nameOf(name), word);
  const { goal } = words.sure;
  if (!transaction.has(ordinary))
    obstacles.push(goal ? await ofWord(units, goal.unit, goal.word) : await ofDefault(units));
  const { run } = words.sure;
  if (run && (await generator(units.image, 'systemd-run-generator')))
    obstacles.push({
      certain: true,
      evidence: run.evidence,
      because: `${run.text} on the kernel command line runs that command in place of everything else, and ends (systemd-run-generator(8))`,
      word: run.text,
    });
  const doubtful = readKernelWords(words.doubtful).goal;
  if (doubtful && obstacles.length === 0 && special.has(units.nameOf(doubtful.unit))) {
    const { unit, word } = doubtful;
    obstacles.push({
      certain: false,
      evidence: word.evidence,
      because: `${word.text} on the kernel command line of an entry that may be the one that is booted starts ${unit}`,
      word: word.text,
    });
  }
  return { name: transaction.goal, obstacles, withheld };
}

async function ofWord(units: Units, unit: string, word: BootWord): Promise<GoalObstacle> {
  const { state } = await units.load(unit);
  const isSpecial = special.has(units.nameOf(unit));
  const certain = state !== 'loaded' || isSpecial;
  const said = `${word.text} on the kernel command line`;
  const because =
    state === 'loaded' || isSpecial
      ? `${said} starts ${unit}, which does not start ${ordinary}`
      : `${said} asks for ${unit}, which is ${state}, and systemd starts rescue.target instead`;
  return { certain, evidence: word.evidence, because, word: word.text };
}

/** PID 1 falls back to rescue.target where default.target cannot be started (core/main.c `do_queue_default_job`). */
async function ofDefault(units: Units): Promise<GoalObstacle> {
  const unit = await units.load('default.target');
  const evidence = await placeOfDefault(units);
  const instead = 'and systemd starts rescue.target instead';
  const target = await units.image.readLink(evidence.path);
  if (unit.state === 'missing') {
    const because =
      target === undefined
        ? `there is no default.target, ${instead}`
        : `default.target is a link to ${target}, where there is no unit, ${instead}`;
    return { certain: true, evidence, because };
  }
  if (unit.state === 'masked')
    return { certain: true, evidence, because: `default.target is masked, ${instead}` };
  const what = unit.name === 'default.target' ? 'default.target' : `default.target is ${unit.name}, which`;
  const { state } = await units.load(ordinary);
  const why = state === 'loaded' ? '' : `: ${ordinary} is ${state}`;
  const certain = special.has(unit.name) || state !== 'loaded';
  return { certain, evidence, because: `${what} does not start ${ordinary}${why}` };
}

async function placeOfDefault({ image }: Units): Promise<Evidence> {
  for (const directory of searchPath) {
    const path = join(directory, 'default.target');
    if (await image.lstat(path)) return { path };
  }
  return { path: join(configDirectory, 'default.target') };
}

/** What `systemctl --root=… set-default multi-user.target` does; a mask of that target is lifted first. */
export async function setDefault({ units }: Boot): Promise<Change[]> {
  const { image } = units;
  const unmasked = await unmask(image, ordinary);
  const view = await overlay(image, unmasked);
  const target: GuestPath = join(await unitDirectorySpelling(view), ordinary);
  return collapse([...unmasked, ...(await link(view, join(configDirectory, 'default.target'), target))]);
}
