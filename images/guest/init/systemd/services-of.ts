import { wordsOf } from '../../../formats/unit-file.js';
import type { Evidence } from '../../evidence.js';
import type { BootGoal } from '../boot-goal.js';
import type { Obstacle } from '../obstacle.js';
import type { Exec, Service, ServiceState } from '../service.js';
import type { Boot } from './boot.js';
import { templateOf, typeOf } from './names.js';
import type { Member, Transaction } from './transaction.js';
import { type IdleScript, type Unit, allValues } from './unit.js';

/** Every service of the search path, of the init scripts, and every instance that the boot starts; by name. */
export async function listServices(
  { units, transaction }: Pick<Boot, 'units' | 'transaction'>,
  { obstacles }: Pick<BootGoal, 'obstacles'>,
): Promise<readonly Service[]> {
  const elsewhere = transaction.has('multi-user.target') ? undefined : obstacles[0];
  const names = new Set([...units.names, ...transaction.members.keys()]);
  const members = membersByName(transaction);
  const services: Service[] = [];
  for (const name of [...names].sort()) {
    if (typeOf(name) !== 'service') continue;
    const unit = await units.load(name);
    if (unit.path) services.push(describe(unit, unit.path, members, elsewhere));
  }
  if (units.idle.size === 0) return services;
  services.push(...[...units.idle.values()].map(describeIdle));
  return services.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** A script that nothing makes a unit of: it is there, and cannot be started. */
function describeIdle({ unit, path }: IdleScript): Service {
  return {
    id: unit,
    name: unit.replace(/\.service$/, ''),
    aliases: [],
    origin: 'script',
    path,
    state: 'disabled',
    evidence: [{ path }],
    exec: [{ program: path, evidence: { path } }],
  };
}

type Members = ReadonlyMap<string, readonly Member[]>;

function describe(
  unit: Unit,
  path: Evidence['path'],
  members: Members,
  elsewhere: Obstacle | undefined,
): Service {
  const { state, evidence } = stateOf(unit, path, members);
  return {
    id: unit.name,
    name: unit.name.replace(/\.service$/, ''),
    aliases: unit.aliases.map((alias) => alias.replace(/\.service$/, '')),
    origin: unit.origin === 'script' ? 'script' : 'unit',
    path,
    state,
    withheldBy: state === 'disabled' || state === 'static' ? elsewhere : undefined,
    evidence,
    exec: unit.origin === 'script' ? [{ program: path, evidence: { path } }] : programs(unit),
  };
}

function stateOf(
  unit: Unit,
  path: Evidence['path'],
  members: Members,
): { state: ServiceState; evidence: readonly Evidence[] } {
  if (unit.state !== 'loaded')
    return { state: unit.state === 'masked' ? 'masked' : 'disabled', evidence: [unit.maskedBy ?? { path }] };
  const started = startedBy(unit, members);
  if (started) return { state: 'enabled', evidence: started.length > 0 ? started : [{ path }] };
  const installable = unit.origin === 'script' || unit.settings.some(({ section }) => section === 'Install');
  return { state: installable ? 'disabled' : 'static', evidence: [{ path }] };
}

/** What starts it at boot; a template counts as started when one of its instances is. */
function startedBy({ name }: Unit, members: Members): readonly Evidence[] | undefined {
  return members.get(name)?.flatMap((member) => member.startedBy.flatMap(({ evidence }) => evidence ?? []));
}

/** The units of a boot by their names, and instances by the names of their templates as well. */
function membersByName({ members }: Transaction): Members {
  const found = new Map<string, Member[]>();
  for (const [name, member] of members) {
    found.set(name, [member]);
    const template = templateOf(name);
    const known = template === undefined ? undefined : found.get(template);
    if (known) known.push(member);
    else if (template !== undefined) found.set(template, [member]);
  }
  return found;
}

function programs(unit: Unit): readonly Exec[] {
  return allValues(unit, 'Service', 'ExecStart').flatMap(({ value, path, line }) => {
    const [, prefix = '', word] = /^([-@:+!|]*)(.*)$/s.exec(wordsOf(value)[0] ?? '') ?? [];
    const program = prefix.includes('|') ? '/bin/sh' : word;
    return program ? [{ program, evidence: { path, line } }] : [];
  });
}
