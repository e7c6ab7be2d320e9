import type { GuestPath, Image } from '../image/image.js';
import { join } from '../image/resolve.js';
import type { Fact } from './fact.js';

/** Something of this one server that a snapshot hands on to every server built from it. Never its content. */
export interface Traveller {
  readonly kind:
    | 'host-key'
    | 'machine-id'
    | 'history'
    | 'authorized-keys'
    | 'private-key'
    | 'instance-data'
    | 'leftover'
    | 'logs';
  readonly path: GuestPath;
  /** Bytes; of a folder, of all files in it. */
  readonly size: number;
  /** Of a folder: how many files with something in them. */
  readonly files?: number;
}

/** Names in a folder, by what they are. */
type Search = readonly [GuestPath, RegExp, Traveller['kind']];

const searches: readonly Search[] = [
  ['/etc/ssh', /^ssh_host_\w+_key$/, 'host-key'],
  ['/etc', /^machine-id$/, 'machine-id'],
  ['/var/lib/dbus', /^machine-id$/, 'machine-id'],
  // nova-agent keeps what it replaces beside it: NAME.TIMESTAMP.bak (2.x), shadow.bak.PID and shadow.tmp.PID (1.x).
  ['/etc', /^(?:.+\.bak|shadow\.(?:bak|tmp)\.\d+|rc\.conf\.backup)$/, 'leftover'],
  ...(
    [
      '/etc/network',
      '/etc/network/interfaces.d',
      '/etc/netplan',
      '/etc/sysconfig',
      '/etc/sysconfig/network',
      '/etc/sysconfig/network-scripts',
      '/etc/conf.d',
    ] as const
  ).map((folder): Search => [folder, /.\.bak$/, 'leftover']),
  // Its predecessor, and what an update of the agent left on the way.
  ['/usr/sbin', /^agent-smith$/, 'leftover'],
  ['/var/run', /^nova-agent.*\.tar/, 'leftover'],
];

const ofHome: readonly (readonly [string, RegExp, Traveller['kind']])[] = [
  [
    '.',
    /^\.(?:(?:bash|zsh|sh|ash|mysql|psql|sqlite|python|rediscli|dbshell|node_repl)_?history|history|lesshst|viminfo)$/,
    'history',
  ],
  ['.ssh', /^authorized_keys2?$/, 'authorized-keys'],
  ['.ssh', /^id_\w+$/, 'private-key'],
];

/** Folders of which only the whole is told. */
const folders: readonly (readonly [GuestPath, Traveller['kind']])[] = [
  ['/var/lib/cloud/instances', 'instance-data'],
  ['/var/log', 'logs'],
];

/** Directories that are looked into for one folder; a guest may hold any number. */
const mostDirectories = 2000;
/** Homes that are looked into. */
const mostHomes = 2000;

/** What a snapshot of the guest would hold of this one server, by kind and path. */
export const travellers: Fact<readonly Traveller[]> = {
  name: 'travellers',
  inputs: ['/etc/passwd'],
  async gather(image) {
    const found: Traveller[] = [];
    for (const search of [...searches, ...(await searchesOfHomes(image))])
      found.push(...(await look(image, search)));
    for (const [path, kind] of folders) found.push(...(await weigh(image, path, kind)));
    const unique = new Map(found.map((each) => [each.path, each]));
    return [...unique.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  },
};

/** Root's home is there even where /etc/passwd is not. */
async function searchesOfHomes(image: Image): Promise<Search[]> {
  const homes = new Set<GuestPath>(['/root']);
  for (const line of ((await image.readText('/etc/passwd')) ?? '').split('\n')) {
    const home = line.split(':')[5]?.replace(/\/+$/, '');
    if (home?.startsWith('/') && homes.size < mostHomes) homes.add(home as GuestPath);
  }
  return [...homes].flatMap((home) =>
    ofHome.map(([folder, name, kind]): Search => [folder === '.' ? home : join(home, folder), name, kind]),
  );
}

async function look(image: Image, [folder, wanted, kind]: Search): Promise<Traveller[]> {
  const found: Traveller[] = [];
  for (const { name, type } of (await image.readDir(folder)) ?? []) {
    // A link's target is looked at under its own name, if at all.
    if (type !== 'file' || !wanted.test(name)) continue;
    const path = await image.locate(join(folder, name));
    const size = (await image.lstat(path))?.size ?? 0;
    // An empty machine-id is one that the first boot fills in; nor can any other empty file tell anything.
    if (size > 1) found.push({ kind, path, size });
  }
  return found;
}

async function weigh(image: Image, folder: GuestPath, kind: Traveller['kind']): Promise<Traveller[]> {
  let [size, files, directories] = [0, 0, 0];
  const pending = [folder];
  for (let next = pending.pop(); next !== undefined && directories < mostDirectories; next = pending.pop()) {
    directories += 1;
    for (const { name, type } of (await image.readDir(next)) ?? []) {
      const path = join(next, name);
      if (type === 'directory') pending.push(path);
      const entry = type === 'file' ? await image.lstat(path) : undefined;
      if (!entry || entry.size === 0) continue;
      size += entry.size;
      files += 1;
    }
  }
  return files === 0 ? [] : [{ kind, path: folder, size, files }];
}
