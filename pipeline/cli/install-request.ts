import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AgentFate, Target } from '../../checks/lib/check.js';
import type { InstallOrder } from '../../fixers/lib/installer.js';
import { UsageError, systemCode } from '../../images/base/errors.js';
import { hashFile } from '../../images/base/host-file.js';
import type { FileSource, PackageSource, RepositorySource } from '../../images/install/source.js';
import type { InstallRequest } from '../installer.js';
import { formatOf } from '../../images/install/package-file.js';

/** What the command line said about it. */
export interface InstallOptions {
  readonly agent?: 'auto' | '1' | '2' | 'none' | AgentFate;
  readonly agentPackage?: string;
  readonly agentRepo?: string;
  readonly sha256?: string;
  readonly offlineInstall?: true;
  readonly installXe?: string;
  readonly xeSha256?: string;
  readonly cloudInitPackage?: string;
  readonly cloudInitRepo?: string;
  readonly cloudInitSha256?: string;
}

/** What the option says is to become of an agent that is there; undefined when it says nothing of that. */
export function agentFateOf({ agent }: InstallOptions): AgentFate | undefined {
  return agent === 'disable' || agent === 'remove' ? agent : undefined;
}

/**
 * What may be installed, by the options; undefined without any of them.
 * @param target - who is to own the server, when somebody said so
 * @throws {UsageError} code `bad-arguments` when they do not fit together, `no-such-file`, or `checksum` when a file is not
 *   the one that was meant: nothing was opened or run
 */
export async function installRequest(
  options: InstallOptions,
  target?: Target | 'auto',
): Promise<InstallRequest | undefined> {
  const { agent, agentPackage, agentRepo, sha256, offlineInstall, installXe, xeSha256 } = options;
  const offline = offlineInstall === true;
  const { cloudInitPackage, cloudInitRepo } = options;
  for (const [option, where] of [
    ['--agent-repo', agentRepo],
    ['--cloud-init-repo', cloudInitRepo],
  ] as const)
    refuse(offline && where !== undefined, `--offline-install fetches nothing; leave out ${option}`);
  refuse(sha256 !== undefined && agentPackage === undefined, '--sha256 needs --agent-package');
  refuse(xeSha256 !== undefined && installXe === undefined, '--xe-sha256 needs --install-xe');
  const fate = agentFateOf(options);
  refuse(
    fate !== undefined && target !== 'cloud-init',
    `--agent ${fate ?? ''} needs --target cloud-init; without an agent, cloud-init must configure the server`,
  );
  const packaged = [agentPackage, installXe, cloudInitPackage].some((path) => path !== undefined);
  refuse(
    offline && !packaged && fate !== 'remove',
    '--offline-install needs a package: --agent-package FILE, --cloud-init-package FILE or --install-xe FILE',
  );
  const named = agentPackage !== undefined || agentRepo !== undefined;
  const installsNone = agent === 'none' || fate !== undefined;
  refuse(installsNone && named, `--agent ${agent ?? ''} installs nothing`);
  const wants = agent === undefined ? named : !installsNone;
  refuse(
    options.cloudInitSha256 !== undefined && cloudInitPackage === undefined,
    '--cloud-init-sha256 needs --cloud-init-package',
  );
  refuse(
    (cloudInitPackage !== undefined || cloudInitRepo !== undefined) && target !== 'cloud-init',
    '--cloud-init-package and --cloud-init-repo need --target cloud-init',
  );
  const generation = agent === '1' ? 1 : agent === '2' ? 2 : 'auto';
  const request = {
    ...(wants
      ? {
          agent: {
            generation,
            offline,
            source: await sourceOf(agentPackage, sha256, agentRepo, '--agent-repo'),
          } as const,
        }
      : {}),
    ...(installXe === undefined ? {} : { xe: { offline, source: await fileSource(installXe, xeSha256) } }),
    ...(target === 'cloud-init' ? { cloudInit: await cloudInitOrder(options, offline), offline } : {}),
  };
  return Object.keys(request).length === 0 ? undefined : request;
}

async function cloudInitOrder(options: InstallOptions, offline: boolean): Promise<InstallOrder> {
  const { cloudInitPackage, cloudInitSha256, cloudInitRepo } = options;
  const source = await sourceOf(cloudInitPackage, cloudInitSha256, cloudInitRepo, '--cloud-init-repo');
  if (source.kind !== 'file' || source.format === 'deb' || source.format === 'rpm')
    return { offline, source };
  throw new UsageError(
    'bad-arguments',
    `${source.path} is not a package; cloud-init comes as a .deb or an .rpm`,
  );
}

/**
 * A file, with what it depends on from a repository if there is one; a repository; or what the guest has configured.
 * @param option - the one that names the repository
 */
async function sourceOf(
  path: string | undefined,
  sha256: string | undefined,
  where: string | undefined,
  option: string,
): Promise<PackageSource> {
  const repository = where === undefined ? undefined : repositorySource(where);
  if (path === undefined) return repository ?? { kind: 'guest' };
  const file = { ...(await fileSource(path, sha256)), repositoryOption: option };
  refuse(
    repository !== undefined && file.format === 'release',
    `a 1.x release has no dependencies; leave out ${option}`,
  );
  return repository ? { ...file, dependencies: repository } : file;
}

function repositorySource(where: string): RepositorySource {
  if (/^(?:deb |[a-z][a-z+.-]*:)/.test(where)) {
    refuse(/[\r\n]/.test(where), 'a repository must be one line');
    return { kind: 'url', url: where };
  }
  if (statSync(where, { throwIfNoEntry: false })?.isDirectory())
    return { kind: 'folder', path: resolve(where) };
  throw new UsageError('no-such-file', `${where} is neither a URL nor a directory`);
}

async function fileSource(path: string, sha256: string | undefined): Promise<FileSource> {
  const digest = await digestOfFile(path);
  if (sha256 !== undefined && sha256.toLowerCase() !== digest) {
    throw new UsageError('checksum', `${path} does not match the expected digest; its SHA-256 is ${digest}`, {
      hint: 'Nothing was opened or run.',
    });
  }
  return { kind: 'file', path: resolve(path), format: formatOf(path) };
}

async function digestOfFile(path: string): Promise<string> {
  try {
    if (!statSync(path).isFile()) throw new UsageError('no-such-file', `${path} is not a regular file`);
    return (await hashFile(path)).sha256;
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError('no-such-file', `cannot read ${path}: ${systemCode(cause) ?? String(cause)}`, {
      cause,
    });
  }
}

function refuse(wrong: boolean, message: string): void {
  if (wrong) throw new UsageError('bad-arguments', message);
}
