import type { GuestPath } from '../../image/image.js';
import { decode } from '../../base/text.js';
import type { Agent } from './agent.js';
import type { AgentSearch } from './context.js';
import { findPackageFolders, interpreterOf } from './python.js';
import { sitePackagesAgent, sitePackagesInputs } from './site-packages.js';
import { treeAgent, treeInputs } from './tree.js';
import { treeRoot } from './tree-root.js';
import { isZipapp, zipappAgent } from './zipapp.js';
import type { Fact } from '../fact.js';
import { os } from '../os.js';
import { packageDatabase, packages } from '../packages.js';

/** 2.x: where packages and where pip put the program. */
const programs: readonly GuestPath[] = ['/usr/bin/nova-agent', '/usr/local/bin/nova-agent'];
const programLimit = 32 * 1024 * 1024;

/** Every nova-agent in the guest, newest generation first; empty when there is none. */
export const agents: Fact<readonly Agent[]> = {
  name: 'agents',
  inputs: [
    ...programs.map((glob) => ({ glob, limit: programLimit })),
    ...sitePackagesInputs,
    ...treeInputs,
    ...os.inputs,
    ...packages.inputs,
  ],
  async gather(image, get) {
    const search: AgentSearch = {
      image,
      os: await get(os),
      installed: (await get(packages)).installed,
      packageDatabase: await get(packageDatabase),
      folders: await findPackageFolders(image),
    };
    const found = [...(await pythonAgents(search)), await treeAgent(search)];
    return found.filter((agent) => agent !== undefined);
  },
};

/** The agents of generation 2: one for each program, or one for a package that has lost its program. */
async function pythonAgents(search: AgentSearch): Promise<readonly Agent[]> {
  const found: Agent[] = [];
  for (const path of programs) {
    const agent = await pythonAgent(search, path);
    if (agent) found.push(agent);
  }
  if (found.length > 0) return found;
  const orphan = await sitePackagesAgent(search, '/usr/bin/nova-agent', undefined, undefined);
  return orphan ? [orphan] : [];
}

async function pythonAgent(search: AgentSearch, path: GuestPath): Promise<Agent | undefined> {
  const { image } = search;
  const real = await image.realPath(path);
  if (!real || real.startsWith(`${treeRoot}/`)) return undefined;
  const bytes = await image.readFile(path, programLimit);
  if (!bytes) return undefined;
  const interpreter = await interpreterOf(image, decode(bytes.subarray(0, 256)));
  return isZipapp(bytes)
    ? zipappAgent(search, path, bytes, interpreter)
    : sitePackagesAgent(search, path, decode(bytes), interpreter);
}
