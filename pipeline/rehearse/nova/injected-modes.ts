import { olderThan } from '../../../checks/lib/versions.js';
import type { Agent } from '../../../images/guest/agents/agent.js';
import type { GuestPath, Image } from '../../../images/image/image.js';
import type { InjectedFile, Scenario, Step } from '../scenario.js';

/**
 * The scenario, with the mode that each injected file must have where it says none: the one that the file has already
 * (both generations keep it), or else the one that this agent gives a new file.
 * @param image - before the guest is started
 */
export async function withModes(
  scenario: Scenario,
  image: Image,
  agent: Pick<Agent, 'generation' | 'version'> | undefined,
): Promise<Scenario> {
  const fresh = agent && modeOfNewFile(agent);
  const modeOf = async ({ path, mode }: InjectedFile): Promise<string | undefined> => {
    if (mode !== undefined) return mode;
    const there = await image.stat(path as GuestPath).catch(() => undefined);
    return there ? there.mode.toString(8).padStart(4, '0') : fresh;
  };
  const withMode = async (step: Step): Promise<Step> => {
    if (typeof step === 'string' || !('injectfile' in step)) return step;
    const mode = await modeOf(step.injectfile);
    return mode === undefined ? step : { injectfile: { ...step.injectfile, mode } };
  };
  const rounds = [];
  for (const round of scenario.rounds)
    rounds.push({ ...round, send: await Promise.all(round.send.map(withMode)) });
  return { ...scenario, rounds };
}

/**
 * 1.x gives a new file 0644 (commands/file_inject.py, `_get_file_permissions`), and so does 2.x before 2.1.11, which
 * began to write to a temporary file first and leaves that its 0600 (novaagent/common/file_inject.py, `_write_file`).
 * @returns undefined when it is not known which it is
 */
export function modeOfNewFile({
  generation,
  version,
}: Pick<Agent, 'generation' | 'version'>): string | undefined {
  if (generation === 1) return '0644';
  const isOld = olderThan(version, '2.1.11');
  return isOld === undefined ? undefined : isOld ? '0644' : '0600';
}
