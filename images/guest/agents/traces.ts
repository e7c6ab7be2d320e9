import { remove, write } from '../../image/change.js';
import { parseDependFile, printDependFile } from '../../formats/depend-file.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import { collapse, overlay } from '../../image/overlay.js';
import { join, parentOf } from '../../image/resolve.js';
import { type Fact, factsOf } from '../fact.js';
import { unitDirectories } from '../init/systemd/search.js';
import { findPackageFolders } from './python.js';
import { customaryAgentServices, definitions } from './service-names.js';
import { treeRoot } from './tree-root.js';

/**
 * What nova-agent of either generation has been known to leave in a guest, beside its packages (Rackspace-DOT/nova-agent
 * and rackerlabs/openstack-guest-agents-unix on GitHub): programs, tree, modules, services with their links and
 * settings, its log. Not what it wrote of the network, which may be in force.
 */
export const agentTraces: Fact<readonly GuestPath[]> = {
  name: 'agent-traces',
  inputs: [],
  async gather(image) {
    const names = new Set<string>(customaryAgentServices);
    const found = new Set<GuestPath>();
    const add = async (path: GuestPath): Promise<void> => {
      const exact = await image.locate(path);
      if (await image.lstat(exact)) found.add(exact);
    };
    for (const path of [...fixed, ...[...names].flatMap(ofService)]) await add(path);
    for (const { folder, isTrace } of folders(names)) {
      for (const path of await expand(image, folder.split('/').filter(Boolean))) {
        for (const { name } of (await image.readDir(path)) ?? []) {
          if (isTrace(name)) await add(join(path, name));
        }
      }
    }
    for (const { path } of await findPackageFolders(image)) {
      for (const { name } of (await image.readDir(path)) ?? [])
        if (/^novaagent(?:$|-[^/]*\.(?:egg|egg-info|dist-info)$)/.test(name)) await add(join(path, name));
    }
    return [...found].sort();
  },
};

const fixed: readonly GuestPath[] = [
  '/usr/bin/nova-agent',
  '/usr/local/bin/nova-agent',
  '/usr/sbin/nova-agent',
  treeRoot,
  '/usr/share/nova-agent-install',
  '/etc/nova-agent.env',
  '/etc/nova-agent.init',
  '/var/lock/subsys/nova-agent',
];

function ofService(name: string): GuestPath[] {
  return [
    ...definitions(name),
    ...unitDirectories.map((folder): GuestPath => `${folder}/${name}.service.d`),
    `/etc/init/${name}.override`,
    `/etc/insserv/overrides/${name}`,
    ...['conf.d', 'default', 'sysconfig', 'logrotate.d'].map((folder): GuestPath => `/etc/${folder}/${name}`),
  ];
}

interface Folder {
  /** `*` is a whole name that holds the rest: "rc2.d", "multi-user.target.wants". */
  readonly folder: string;
  readonly isTrace: (name: string) => boolean;
}

function folders(services: ReadonlySet<string>): Folder[] {
  const isUnit = (name: string): boolean => services.has(name.replace(/\.service(?:\.dsh-also)?$/, ''));
  const isLink = (name: string): boolean => /^[SK]\d\d/.test(name) && services.has(name.slice(3));
  const helper = '/var/lib/systemd/deb-systemd-helper';
  return [
    ...unitDirectories.map((folder) => ({ folder: `${folder}/*.wants`, isTrace: isUnit })),
    ...unitDirectories.map((folder) => ({ folder: `${folder}/*.requires`, isTrace: isUnit })),
    ...['enabled', 'masked', 'enabled/*.wants'].map((folder) => ({
      folder: `${helper}-${folder}`,
      isTrace: isUnit,
    })),
    { folder: '/etc/rc*.d', isTrace: isLink },
    { folder: '/etc/rc.d/rc*.d', isTrace: isLink },
    { folder: '/etc/runlevels/*', isTrace: (name) => services.has(name) },
    { folder: '/var/log', isTrace: (name) => /^nova-agent\.log(?:[.-][\w.-]*)?$/.test(name) },
    // What an update of 1.x leaves beside its tree.
    { folder: '/usr/share', isTrace: (name) => /^nova-agent\.\d+$/.test(name) },
  ];
}

async function expand(
  image: Image,
  components: readonly string[],
  from: GuestPath = '/',
): Promise<GuestPath[]> {
  const [first, ...rest] = components;
  if (first === undefined) return [from];
  if (!first.includes('*')) return expand(image, rest, join(from, first));
  const [before = '', after = ''] = first.split('*');
  const found: GuestPath[] = [];
  for (const { name, type } of (await image.readDir(from)) ?? []) {
    const fits =
      name.startsWith(before) && name.endsWith(after) && name.length > before.length + after.length;
    if (fits && type === 'directory') found.push(...(await expand(image, rest, join(from, name))));
  }
  return found;
}

/** Changes that remove all of them, directories with what is in them, and what insserv noted for startpar. */
export async function removeTraces(image: Image): Promise<Change[]> {
  const changes: Change[] = [];
  const traces = await factsOf(image)(agentTraces);
  for (const path of traces) changes.push(...(await removeTree(image, path)));
  for (const folder of new Set(traces.map(parentOf))) {
    // As systemctl and deb-systemd-helper do.
    if (!/\.(?:wants|requires)$/.test(folder)) continue;
    const left = await (await overlay(image, changes)).readDir(folder);
    if (left?.length === 0) changes.push(...(await remove(image, folder)));
  }
  return collapse([...changes, ...(await withoutNotes(image))]);
}

/** Changes that remove what is at a path, of a directory all that is in it. */
async function removeTree(image: Image, path: GuestPath): Promise<Change[]> {
  const changes: Change[] = [];
  if ((await image.lstat(path))?.type === 'directory') {
    for (const { name } of (await image.readDir(path)) ?? [])
      changes.push(...(await removeTree(image, join(path, name))));
  }
  return [...changes, ...(await remove(image, path))];
}

/** insserv's own notes name every script; it would write them anew without those that are gone. */
async function withoutNotes(image: Image): Promise<Change[]> {
  const changes: Change[] = [];
  const gone = new Set<string>(customaryAgentServices);
  for (const name of ['boot', 'start', 'stop']) {
    const path: GuestPath = `/etc/init.d/.depend.${name}`;
    const text = await image.readText(path);
    if (text === undefined) continue;
    const { targets, interactive, rules } = parseDependFile(text);
    const kept = (names: readonly string[]): string[] => names.filter((each) => !gone.has(each));
    if (kept(targets).length === targets.length && ![...rules.keys()].some((each) => gone.has(each)))
      continue;
    const file = {
      targets: kept(targets),
      interactive: interactive && kept(interactive),
      rules: new Map(
        [...rules]
          .filter(([script]) => !gone.has(script))
          .map(([script, rule]) => [script, { ...rule, needs: kept(rule.needs) }] as const)
          .filter(([, { needs }]) => needs.length > 0),
      ),
    };
    changes.push(...(await write(image, (await image.realPath(path)) ?? path, printDependFile(file))));
  }
  return changes;
}
