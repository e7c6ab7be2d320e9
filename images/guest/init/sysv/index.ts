import { ImageError } from '../../../base/errors.js';
import type { Change, Image } from '../../../image/image.js';
import { scriptProcess } from '../process/process.js';
import type { BootGoal } from '../boot-goal.js';
import type { Obstacle } from '../obstacle.js';
import { write } from '../../../image/change.js';
import { overlay } from '../../../image/overlay.js';
import type { Service, ServiceState, Services } from '../service.js';
import { chkconfigDisable, chkconfigEnable, supportsChkconfig } from './chkconfig.js';
import { cyclesOf } from './cycles.js';
import { goalOf, setDefault } from './goal.js';
import { graphsOf, orderOf } from './graph.js';
import { insservDisable, insservEnable } from './insserv/insserv.js';
import { wantedLevels } from './insserv/model.js';
import { scriptObstacles } from '../script-obstacles.js';
import { linksInVain } from './in-vain.js';
import { runlevels } from './layout.js';
import { plainDisable, plainEnable, supportsUpdateRcd } from './plain.js';
import { putScriptBefore } from './put-before.js';
import type { RunlevelLink } from './links.js';
import type { Script } from './scripts.js';
import { type Sysv, passedOverBy, readSysv, startLinks } from './state.js';

export { sysvInputs } from './script-diagnoses.js';

/**
 * The guest's init scripts, as init and the guest's own tool (insserv, chkconfig or update-rc.d) see them.
 * @throws {ImageError} when a script, link or configuration file cannot be read
 */
export async function sysvServices(image: Image): Promise<Services> {
  const sysv = await readSysv(image);
  const goal = await goalOf(sysv);
  const all = [...sysv.scripts.values()].map((script) => serviceOf(sysv, script, goal));
  return {
    system: 'sysv',
    all,
    find: (name) => {
      const wanted = name.replace(/\.service$/, '');
      return (
        all.find((service) => service.name === wanted) ??
        all.find((service) => service.aliases.includes(wanted))
      );
    },
    graphs: async () => graphsOf(sysv),
    order: async (first, then) => orderOf(sysv, first.name, then.name),
    cycles: async (through) => cyclesOf(sysv, through),
    goal: async () => goal,
    setDefaultGoal: () => setDefault(sysv),
    obstacles: async ({ path, state }) => (state === 'enabled' ? scriptObstacles(image, path) : []),
    process: async ({ path }) => scriptProcess(path),
    enabledInVain: async ({ name, state }) => (state === 'enabled' ? [] : linksInVain(sysv, name)),
    starters: async () => [],
    enable: (service) => enable(sysv, scriptOf(sysv, service.name)),
    disable: (service) => disable(sysv, scriptOf(sysv, service.name)),
    putBefore: (first, then) => putScriptBefore(sysv, scriptOf(sysv, first.name), scriptOf(sysv, then.name)),
  };
}

/**
 * Changes that start a script at boot, by the links that the guest's own tool would make; systemd takes the same
 * links for its own.
 * @throws {ImageError} code `no-service` when there is no such script, `boot-loop` when the headers form a loop
 */
export async function enableScript(image: Image, name: string): Promise<Change[]> {
  const sysv = await readSysv(image);
  return enable(sysv, scriptOf(sysv, name));
}

/** Changes that no longer start a script at boot. @throws as {@link enableScript} */
export async function disableScript(image: Image, name: string): Promise<Change[]> {
  const sysv = await readSysv(image);
  return disable(sysv, scriptOf(sysv, name));
}

/** A script that nothing can execute is made executable first: no tool links such a one, and no init starts it. */
async function enable(sysv: Sysv, script: Script): Promise<Change[]> {
  const { image } = sysv;
  const real = script.executable ? undefined : script.realPath;
  const mode = real && (await image.lstat(real))?.mode;
  if (!real || mode === undefined) return enableLinks(sysv, script);
  const content = (await image.readFile(real)) ?? Buffer.alloc(0);
  const changes = await write(image, real, content, { mode: mode | 0o755 });
  const after = await readSysv(await overlay(image, changes));
  return [...changes, ...(await enableLinks(after, scriptOf(after, script.name)))];
}

async function enableLinks(sysv: Sysv, script: Script): Promise<Change[]> {
  switch (sysv.dialect) {
    case 'insserv':
      return insservEnable(sysv, script.name);
    case 'chkconfig':
      return chkconfigEnable(sysv, script);
    case 'plain':
      return plainEnable(sysv, script);
  }
}

async function disable(sysv: Sysv, script: Script): Promise<Change[]> {
  switch (sysv.dialect) {
    case 'insserv':
      return insservDisable(sysv, script.name);
    case 'chkconfig':
      return chkconfigDisable(sysv, script);
    case 'plain':
      return plainDisable(sysv, script.name);
  }
}

function scriptOf(sysv: Sysv, name: string): Script {
  const script = sysv.scripts.get(name);
  if (!script) throw new ImageError('no-service', `there is no ${sysv.layout.scripts}/${name}`);
  return script;
}

function serviceOf(sysv: Sysv, script: Script, goal: BootGoal): Service {
  const starting = bootLinks(sysv, script.name);
  return {
    id: script.name,
    name: script.name,
    aliases: script.facilities.filter((facility) => facility !== script.name),
    origin: 'script',
    path: script.path,
    state: stateOf(sysv, script, starting),
    withheldBy: starting.length > 0 ? undefined : withheldBy(script, goal),
    evidence: starting.length > 0 ? starting.map(({ path }) => ({ path })) : [{ path: script.path }],
    exec: [{ program: script.path, evidence: { path: script.path } }],
  };
}

function withheldBy({ name }: Script, { name: goal, obstacles, withheld }: BootGoal): Obstacle | undefined {
  const word = withheld.get(name);
  if (!word) return obstacles.find(({ certain }) => certain);
  const because = `${word.text} on the kernel command line leads to ${goal}, which does not start it`;
  return obstacles[0] ?? { certain: true, evidence: word.evidence, because };
}

/** The links by which a boot into the default runlevel starts a script. */
function bootLinks(sysv: Sysv, name: string): readonly RunlevelLink[] {
  const level = runlevels.find((one) => one === sysv.defaultRunlevel.runlevel) ?? '2';
  const links = [...startLinks(sysv, name, 'S'), ...(level === 'S' ? [] : startLinks(sysv, name, level))];
  return links.filter((link) => passedOverBy(sysv, name, link.level) === undefined);
}

function stateOf(sysv: Sysv, script: Script, starting: readonly RunlevelLink[]): ServiceState {
  if (starting.length > 0) return 'enabled';
  return canBeEnabled(sysv, script) ? 'disabled' : 'static';
}

/** Whether the guest's own tool would make start links for it. */
function canBeEnabled(sysv: Sysv, script: Script): boolean {
  switch (sysv.dialect) {
    case 'insserv':
      return wantedLevels(script).start.size > 0;
    case 'chkconfig':
      return supportsChkconfig(script);
    case 'plain':
      return supportsUpdateRcd(sysv, script);
  }
}
