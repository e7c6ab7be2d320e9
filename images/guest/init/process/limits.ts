import { parseSize } from '../../../formats/size.js';
import { parseTimeSpan } from '../../../formats/time-span.js';
import type { Obstacle } from '../obstacle.js';
import { type Process, type ProcessSetting, valueOf } from './process.js';

const kilo = 1024;
const mega = 1024 * kilo;

/** Below `fatal` nothing of the kind works; below `tight` it may or may not. */
interface Limit {
  readonly key: string;
  readonly parse: (value: string) => number | undefined;
  /** Fails for certain with less than this; with Python 3.11, so that it holds for any program that starts others. */
  readonly fatal: number;
  readonly tight: number;
  readonly what: string;
}

/** Resource limits (systemd.exec(5), "PROCESS PROPERTIES"; setrlimit(2)). What is said as `soft:hard` counts by its soft one. */
const resourceLimits: readonly Limit[] = [
  // Tried: the dynamic loader cannot map its libraries with 8 MB, nor Python its modules with 16 MB.
  {
    key: 'LimitAS',
    parse: parseSize,
    fatal: 8 * mega,
    tight: 128 * mega,
    what: 'leaves it no address space',
  },
  // Tried: the loader ends with 1 MB, Python with 8 MB.
  { key: 'LimitDATA', parse: parseSize, fatal: mega, tight: 64 * mega, what: 'leaves it no memory' },
  // Tried: Python opens two pipes to a program that it starts from 10 on, without a log or device of its own.
  { key: 'LimitNOFILE', parse: parseCount, fatal: 8, tight: 32, what: 'leaves it no files to open' },
  // A file that is to be larger ends the writer with SIGXFSZ, or its write with EFBIG.
  { key: 'LimitFSIZE', parse: parseSize, fatal: 1, tight: mega, what: 'keeps it from writing files' },
  { key: 'LimitCPU', parse: parseTimeSpan, fatal: 0, tight: 3600, what: 'ends it after so much CPU time' },
];

/** Limits of its control group (systemd.resource-control(5)), which bind whatever the command's prefix says. */
const groupLimits: readonly Limit[] = [
  // One task is the program itself: fork(2) fails with EAGAIN. systemd passes over 0.
  {
    key: 'TasksMax',
    parse: positive(parseCount),
    fatal: 2,
    tight: 10,
    what: 'keeps it from starting programs',
  },
  {
    key: 'MemoryMax',
    parse: positive(parseSize),
    fatal: mega,
    tight: 48 * mega,
    what: 'leaves it no memory',
  },
  {
    key: 'MemoryLimit',
    parse: positive(parseSize),
    fatal: mega,
    tight: 48 * mega,
    what: 'leaves it no memory',
  },
  { key: 'MemoryHigh', parse: positive(parseSize), fatal: 0, tight: 32 * mega, what: 'slows it down' },
  { key: 'CPUQuota', parse: positive(parsePercent), fatal: 0, tight: 5, what: 'slows it down' },
];

/**
 * Limits with which a process cannot start other programs and write files, or may not be able to.
 * @param sandbox - whether the resource limits of the unit bind it (not behind `+`: systemd.service(5))
 */
export function limitObstacles(
  process: Process,
  sandbox: boolean,
  work: { readonly calls: boolean; readonly writes: boolean },
): readonly Obstacle[] {
  const obstacles: Obstacle[] = [];
  for (const limit of [...(sandbox ? resourceLimits : []), ...groupLimits]) {
    if (limit.key === 'TasksMax' && !work.calls) continue;
    if (limit.key === 'LimitFSIZE' && !work.writes) continue;
    const own = settingOf(process, limit.key);
    for (const setting of [...(own ? [own] : []), ...(process.slices ?? [])]) {
      if (setting.key.replace(/^Default/, '') !== limit.key) continue;
      const value = limit.parse(setting.value.split(':', 1)[0] ?? '');
      if (value === undefined || value >= limit.tight) continue;
      const because = `${setting.key}=${setting.value} ${limit.what}`;
      obstacles.push({ certain: value < limit.fatal, evidence: setting.evidence, because });
    }
  }
  return obstacles;
}

/** Of the unit; or else of every unit, from system.conf: DefaultLimitNOFILE=, DefaultTasksMax=. */
function settingOf(process: Process, key: string): ProcessSetting | undefined {
  const own = valueOf(process, key);
  if (own) return own;
  if (!/^Limit|^TasksMax$/.test(key)) return undefined;
  const last = process.defaults.findLast((setting) => setting.key === `Default${key}`);
  return last?.value === '' ? undefined : last;
}

function parseCount(text: string): number | undefined {
  if (text.trim() === 'infinity') return Infinity;
  return /^\d+$/.test(text.trim()) ? Number(text) : undefined;
}

/** A share of one processor. Shares of the memory and of all tasks hang on the server. */
function parsePercent(text: string): number | undefined {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text.trim())?.[1];
  return percent === undefined ? undefined : Number(percent);
}

/** What systemd passes over as out of range (`systemd-analyze verify`): nothing at all. */
function positive(parse: (text: string) => number | undefined): (text: string) => number | undefined {
  return (text) => parse(text) || undefined;
}
