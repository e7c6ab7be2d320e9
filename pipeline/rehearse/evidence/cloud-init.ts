import type { GuestPath } from '../../../images/image/image.js';
import type { ConfigDrive } from '../cloud-init/config-drive.js';
import { type CloudInitStage, stagesInWords } from '../cloud-init/stages.js';
import { type Status, statusOf } from '../cloud-init/status-file.js';
import { expectedOf } from '../nova/vm-data.js';
import type { ProvenClaim } from '../../report/rehearsal.js';
import type { InjectedFile, Scenario } from '../scenario.js';
import { orAnnounced } from './announced-route.js';
import { authorizedKeyClaim, keyFiles } from './authorized-key.js';
import { claimed, quote, unproven } from './claim.js';
import { type RunningGuest, look } from '../running-guest.js';
import { hostNameClaims } from './host-name.js';
import { injectedFileClaims } from './injected-files.js';
import { networkClaims } from './network.js';
import { networkSourceClaims } from './network-source.js';
import { isUnreadable, readable } from './unreadable.js';
import { writtenClaims } from './written.js';

/** What must be true when cloud-init is done, what comes first first: most of the rest follows from it. */
export async function cloudInitClaims(
  guest: RunningGuest,
  scenario: Scenario,
  drive: ConfigDrive,
  stages: readonly CloudInitStage[],
): Promise<ProvenClaim[]> {
  const written = [...drive.injected, drive.written, drive.commanded].map(({ path }) => path);
  const boot = guest.booted?.bootClaims(guest) ?? [];
  if (guest.machine.isOver()) return [...boot, ...(await writtenClaims(guest, written))];
  const interfaces = scenario.interfaces.map(expectedOf);
  const status = await statusOf(guest);
  const program = await askStatus(guest);
  return [
    ...boot,
    stagesClaim(stages, status, program),
    await datasourceClaim(guest, status, drive),
    await instanceClaim(guest, drive),
    statusClaim(status, program),
    ...(await networkSourceClaims(guest)),
    ...(await hostNameClaims(guest, scenario.hostName)),
    await authorizedKeyClaim(guest, drive.publicKey),
    ...withComplaint(
      guest,
      await orAnnounced(guest, interfaces, await networkClaims(guest, 'cloud-init', interfaces, [])),
    ),
    ...(await userDataClaims(guest, drive)),
    ...(await injectedFileClaims(guest, drive.injected)),
    ...(await writtenClaims(guest, [...written, ...(await keyFiles(guest)).map(({ path }) => path)])),
    unproven(
      'drive-found',
      'cloud-init finds the config drive by its label',
      'a container has no drives: its contents were given as a seed, which cloud-init reads in the same way',
    ),
  ];
}

/** What must still be true when the guest has been booted again, with the same drive. */
export async function afterReboot(
  guest: RunningGuest,
  scenario: Scenario,
  drive: ConfigDrive,
): Promise<ProvenClaim[]> {
  const interfaces = scenario.interfaces.map(expectedOf);
  return [
    ...(await hostNameClaims(guest, scenario.hostName)),
    await authorizedKeyClaim(guest, drive.publicKey),
    ...(await orAnnounced(guest, interfaces, await networkClaims(guest, 'cloud-init', interfaces, []))),
    ...(await userDataClaims(guest, drive)),
    ...(await injectedFileClaims(guest, drive.injected)),
  ];
}

function stagesClaim(stages: readonly CloudInitStage[], status: Status, { detail }: Answer): ProvenClaim {
  const claim = 'every cloud-init stage ran at boot';
  const missed = stages.filter((one) => one.state !== 'done' && !isExcused(one, status));
  const holds = stages.length > 0 && missed.length === 0;
  if (holds) return claimed('stages', claim, true, `${stages.map(({ name }) => name).join(', ')} ran`);
  const none = missed.every(({ state }) => state === 'not-started');
  const why = none && detail !== '' ? `cloud-init says: ${detail}; ` : '';
  const seen = stages.length === 0 ? 'the guest has no service for any stage' : stagesInWords(missed);
  return claimed('stages', claim, false, why + seen);
}

/** One that was run to its end, and is a failure only for a module that does not matter here. */
function isExcused({ stage, state }: CloudInitStage, { stages }: Status): boolean {
  const own = stages.find(({ name }) => name === stage);
  return (
    state === 'failed' && own?.finished !== undefined && own.errors.length > 0 && own.errors.every(isBeside)
  );
}

/**
 * Modules that do nothing that a drive says, but only what the image itself prefers. The locale that is cloud-init's
 * default on Debian 12, for one, is not there unless somebody has generated it; the server is there all the same.
 */
const besideModules = ['locale', 'keyboard', 'timezone', 'grub-dpkg', 'grub_dpkg'];

/** Of a module that failed cloud-init writes a Python tuple: "('locale', ProcessExecutionError(…))". */
function isBeside(error: string): boolean {
  return besideModules.some((name) => error.startsWith(`('${name}', `));
}

/** ifupdown's configuration has commands for routes, of a package that nothing of cloud-init's depends on (net-tools). */
function withComplaint({ console }: RunningGuest, claims: readonly ProvenClaim[]): ProvenClaim[] {
  const complaint = console.find((line) =>
    /\b(?:route|ifconfig|ip|vconfig): (?:command )?not found/.test(line),
  );
  if (complaint === undefined) return [...claims];
  return claims.map((one) =>
    one.outcome === 'fail' && !one.id.startsWith('dns ')
      ? { ...one, seen: `${one.seen}; the console says: ${quote(complaint)}` }
      : one,
  );
}

/** As it was written for this very server, and for this boot. */
async function datasourceClaim(
  guest: RunningGuest,
  { datasource }: Status,
  { uuid }: ConfigDrive,
): Promise<ProvenClaim> {
  await using image = look(guest);
  const kept = (await readable(image, `/var/lib/cloud/instances/${uuid}/datasource`))?.trim();
  const isDrive = (name = ''): boolean => /^DataSourceConfigDrive(?:Net)?\b/.test(name);
  const recorded = isDrive(kept) ? '' : `; for this server it recorded ${kept ?? 'none'}`;
  return claimed(
    'datasource',
    'cloud-init read its configuration from the config drive',
    isDrive(datasource) && isDrive(kept),
    datasource === undefined ? 'it found no datasource' : `its datasource is ${datasource}${recorded}`,
  );
}

/** Whether the server is new to cloud-init, though its image may have been one before. */
async function instanceClaim(guest: RunningGuest, { uuid }: ConfigDrive): Promise<ProvenClaim> {
  await using image = look(guest);
  const id = (await readable(image, '/var/lib/cloud/data/instance-id'))?.trim();
  const earlier = ((await image.readDir('/var/lib/cloud/instances')) ?? []).filter(
    ({ name }) => name !== uuid,
  );
  const taken = id === undefined ? 'it recorded no instance' : `it recorded the instance ${quote(id)}`;
  const beside = earlier.length === 0 ? '' : `; it still has data of earlier instances (${earlier.length})`;
  return claimed('instance', 'cloud-init treated the server as a new instance', id === uuid, taken + beside);
}

/** What `cloud-init status` says. */
interface Answer {
  /** "done"; undefined when there is none: releases before 17.1 have no such command. */
  readonly word: string | undefined;
  /** Why it is so. */
  readonly detail: string;
  /** All of it, in one line. */
  readonly text: string;
}

async function askStatus(guest: RunningGuest): Promise<Answer> {
  try {
    const { stdout } = await guest.machine.run('cloud-init', ['status', '--long']);
    const [, word] = /^status: (.+)$/m.exec(stdout) ?? [];
    const [, detail = ''] = /^detail:\s+(.+)$/m.exec(stdout) ?? [];
    return { word, detail, text: quote(stdout) };
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return { word: undefined, detail: '', text: quote(error.message) };
  }
}

function statusClaim({ stages }: Status, { word, text }: Answer): ProvenClaim {
  const claim = 'cloud-init finished, without an error in anything the config drive asks for';
  const errors = stages.flatMap((stage) =>
    stage.errors.map((error) => ({ error, inStage: `${stage.name}: ${error}` })),
  );
  const grave = errors.filter(({ error }) => !isBeside(error));
  if (grave.length > 0)
    return claimed('status', claim, false, grave.map(({ inStage }) => inStage).join('; '));
  if (word === undefined)
    return unproven('status', claim, `cloud-init cannot be asked for its status: ${text}`);
  if (errors.length > 0) {
    const failed = errors.map(({ inStage }) => inStage).join('; ');
    const seen = `status: ${word}; errors only where the config drive asks for nothing: ${failed}`;
    return claimed('status', claim, word === 'error', seen);
  }
  const warnings = stages.flatMap((stage) => stage.warnings).join('; ');
  return claimed(
    'status',
    claim,
    word === 'done',
    warnings === '' ? text : `status: ${word}; it warns: ${warnings}`,
  );
}

/** Whether the user's own data was carried out: first what is declared, and at the end of all the commands. */
async function userDataClaims(
  guest: RunningGuest,
  { written, commanded }: ConfigDrive,
): Promise<ProvenClaim[]> {
  return [
    await userDataClaim(guest, 'user-data', 'the user data’s file was written', written),
    await userDataClaim(guest, 'user-command', 'the user data’s command ran', commanded),
  ];
}

async function userDataClaim(
  guest: RunningGuest,
  id: string,
  claim: string,
  { path, contents }: InjectedFile,
): Promise<ProvenClaim> {
  await using image = look(guest);
  const text = await readable(image, path as GuestPath);
  const seen = text === contents ? `${path} has the expected contents` : `${path} has other contents`;
  return claimed(id, claim, text === contents, text === undefined ? `there is no file ${path}` : seen);
}
