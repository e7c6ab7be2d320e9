import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { InjectedFile, Scenario } from '../scenario.js';
import { networkData } from './network-data.js';
import { makePublicKey } from './ssh-key.js';

/** What a new server is told on its config drive. */
export interface ConfigDrive {
  /** The server's, and so cloud-init's id of the instance. */
  readonly uuid: string;
  /** A line for authorized_keys. */
  readonly publicKey: string;
  /** The files of the scenario that the cloud puts there. */
  readonly injected: readonly InjectedFile[];
  /** What the user data has written. */
  readonly written: InjectedFile;
  /** What the user data has a command write. */
  readonly commanded: InjectedFile;
  /** The drive's files, by their paths on it. */
  readonly files: Readonly<Record<string, string>>;
}

/** Makes the drive of a server that never was: its id, its key and what the user data says are new each time. */
export async function makeConfigDrive(scenario: Scenario): Promise<ConfigDrive> {
  const uuid = randomUUID();
  const publicKey = await makePublicKey('Generated-by-Nova');
  const injected = injectedFiles(scenario);
  const [written, commanded] = [
    { path: '/etc/hallmark-user-data', contents: `${randomUUID()}\n` },
    { path: '/etc/hallmark-user-command', contents: `${randomUUID()}\n` },
  ];
  const contents = injected.map(({ path }, at) => ({ path, content_path: contentPath(at) }));
  return {
    uuid,
    publicKey,
    injected,
    written,
    commanded,
    files: {
      'openstack/latest/meta_data.json': json(metaData(scenario, uuid, publicKey, contents)),
      'openstack/latest/network_data.json': json(networkData(scenario.interfaces)),
      'openstack/latest/vendor_data.json': json(vendorData(scenario)),
      'openstack/latest/user_data': userData(written, commanded),
      ...Object.fromEntries(injected.map((file, at) => [`openstack${contentPath(at)}`, file.contents])),
    },
  };
}

/** A mounted drive shows everybody its files. */
export function writeConfigDrive(folder: string, { files }: ConfigDrive): void {
  for (const [path, text] of Object.entries(files)) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    chmodSync(target, 0o444);
  }
  for (const name of ['', ...Object.keys(files).map(dirname), 'openstack'])
    chmodSync(join(folder, name), 0o555);
}

const contentPath = (at: number): string => `/content/${String(at).padStart(4, '0')}`;

/**
 * What the scenario has the agent inject, without its modes: a drive tells none, and cloud-init has its own. Of a path
 * that is injected more than once the last counts.
 */
function injectedFiles({ rounds }: Scenario): InjectedFile[] {
  const files = new Map<string, InjectedFile>();
  for (const step of rounds.flatMap(({ send }) => send)) {
    if (typeof step === 'string' || !('injectfile' in step)) continue;
    const { path, contents } = step.injectfile;
    files.set(path, { path, contents });
  }
  return [...files.values()];
}

/** As nova's api/metadata/base.py has it. */
function metaData(
  { hostName, userMetadata = {} }: Scenario,
  uuid: string,
  publicKey: string,
  files: readonly { readonly path: string; readonly content_path: string }[],
): object {
  return {
    uuid,
    name: hostName,
    hostname: hostName,
    availability_zone: 'nova',
    launch_index: 0,
    project_id: randomUUID().replaceAll('-', ''),
    meta: userMetadata,
    public_keys: { rehearsal: publicKey },
    keys: [{ name: 'rehearsal', type: 'ssh', data: publicKey }],
    random_seed: randomBytes(512).toString('base64'),
    devices: [],
    files: files.length > 0 ? files : undefined,
  };
}

/** Of use to programs of the provider; cloud-init passes over what is not under its own name. */
function vendorData({ provider }: Scenario): object {
  if (!provider) return {};
  const { name, region, roles = [], ipWhitelist = [] } = provider;
  return { provider: name, region, roles, ip_whitelist: ipWhitelist };
}

/** A cloud-config, which is YAML, of which JSON is a part. The command comes last of all that cloud-init does. */
function userData(written: InjectedFile, commanded: InjectedFile): string {
  const config = {
    write_files: [{ path: written.path, content: written.contents, permissions: '0644' }],
    runcmd: [['sh', '-c', `echo ${commanded.contents.trim()} >${commanded.path}`]],
  };
  return `#cloud-config\n${json(config)}`;
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
