import { isMapping } from '../../../images/formats/cloud-config.js';
import { isUnreadable } from '../evidence/unreadable.js';
import type { RunningGuest } from '../running-guest.js';

/**
 * cloud-init's account of its stages (cmd/main.py, `status_wrapper`). That in /run is a link to the one that is kept, but
 * is there only when this boot has made it.
 */
const statusFile = '/run/cloud-init/status.json';

/** What cloud-init has written of a stage. */
export interface StageStatus {
  /** "init-local", "init", "modules-config", "modules-final". */
  readonly name: string;
  /** Milliseconds since the guest was started. */
  readonly start: number;
  readonly finished: number | undefined;
  readonly errors: readonly string[];
  /** Complaints that did not keep it from its work: cloud-init 23.4 and later. */
  readonly warnings: readonly string[];
}

/** cloud-init's own account of a boot. */
export interface Status {
  /** "DataSourceConfigDrive [net,ver=2][source=/var/lib/cloud/seed/config_drive]". */
  readonly datasource: string | undefined;
  /** Those that were begun, in their order. */
  readonly stages: readonly StageStatus[];
}

/** What cloud-init has written of this boot; nothing when it has not, or it cannot be read. */
export async function statusOf({ machine, startedAt }: RunningGuest): Promise<Status> {
  try {
    const { stdout } = await machine.run('cat', [statusFile]);
    return statusIn(stdout, startedAt);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return statusIn('', startedAt);
  }
}

export function statusIn(text: string, startedAt: RunningGuest['startedAt']): Status {
  const { datasource, ...rest } = mapping(mapping(parsed(text))['v1']);
  const since = (seconds: number): number =>
    // Later releases count from the start of the machine.
    Math.round(seconds * 1000 - (seconds > 1e9 ? startedAt.clock : startedAt.monotonic));
  const stages = Object.entries(rest)
    .flatMap(([name, value]) => stageIn(name, mapping(value), since))
    .sort((a, b) => a.start - b.start);
  return { datasource: typeof datasource === 'string' ? datasource : undefined, stages };
}

function stageIn(
  name: string,
  stage: Readonly<Record<string, unknown>>,
  since: (seconds: number) => number,
): StageStatus[] {
  const { start, finished, errors } = stage;
  if (typeof start !== 'number') return [];
  const recoverable = Object.entries(mapping(stage['recoverable_errors']));
  const grave = recoverable.filter(([level]) => level === 'ERROR' || level === 'CRITICAL');
  const warnings = recoverable.filter(([level]) => level === 'WARNING');
  const texts = (levels: typeof recoverable): string[] => levels.flatMap(([, said]) => strings(said));
  return [
    {
      name,
      start: since(start),
      finished: typeof finished === 'number' ? since(finished) : undefined,
      errors: [...strings(errors), ...texts(grave)],
      warnings: texts(warnings),
    },
  ];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not there, or not yet wholly written
  }
}

function mapping(value: unknown): Readonly<Record<string, unknown>> {
  return isMapping(value) ? value : {};
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
