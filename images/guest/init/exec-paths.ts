import type { GuestPath, Image } from '../../image/image.js';
import type { Evidence } from '../evidence.js';
import { installedAgents, servicesNamed } from '../agents/agent-services.js';
import type { Fact } from '../fact.js';
import { type ProgramProblem, programInputs, programProblem } from './process/commands.js';
import { services } from './services.js';
import type { Service } from './service.js';
import { xe } from '../agents/xe.js';

/** A program that a service of the agent or of the guest utilities starts, and that cannot be started. */
export interface MissingProgram {
  readonly of: 'agent' | 'xe';
  /** The service's id. */
  readonly service: string;
  readonly program: string;
  /** unnamed: a unit without ExecStart=, which systemd refuses to load. */
  readonly problem: ProgramProblem | 'unnamed';
  readonly evidence: Evidence;
}

/** What the services of the agents and of the guest utilities start in vain. */
export const missingPrograms: Fact<readonly MissingProgram[]> = {
  name: 'missing-programs',
  // Of other programs only names and modes are looked at.
  inputs: [...programInputs, ...installedAgents.inputs, ...xe.inputs],
  async gather(image, get) {
    const [installed, tools, system] = [await get(installedAgents), await get(xe), await get(services)];
    const ofAgents = installed.flatMap((agent) => agent.services);
    const ofXe = servicesNamed(tools?.serviceNames ?? [], system);
    return [...(await inVain(image, 'agent', ofAgents)), ...(await inVain(image, 'xe', ofXe))];
  },
};

async function inVain(
  image: Image,
  of: 'agent' | 'xe',
  started: readonly Service[],
): Promise<MissingProgram[]> {
  const missing: MissingProgram[] = [];
  for (const service of started) {
    // A masked unit starts nothing; that it is masked is another rule's business.
    if (service.state === 'masked') continue;
    if (service.exec.length === 0) {
      const evidence = { path: service.path };
      missing.push({ of, service: service.id, program: '', problem: 'unnamed', evidence });
    }
    for (const { program, evidence } of service.exec) {
      const problem = await programProblem(image, program);
      const at = problem === 'no-interpreter' ? { path: program as GuestPath, line: 1 } : evidence;
      if (problem) missing.push({ of, service: service.id, program, problem, evidence: at });
    }
  }
  return missing;
}
