import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ImageError, systemCode } from '../errors.js';
import { run } from '../exec.js';
import { type LogicalVolume, lvsColumns, parseLvs } from '../formats/lvm-report.js';
import { mapperName } from '../formats/mount-spec.js';
import { leftWorkFolders } from '../sandbox/work-folder.js';
import { type RunningSystem, carriesRoot } from './refusal.js';
import { type Volume, stack } from './volume.js';

const recordName = 'activated.json';

/** What it takes to switch logical volumes off again. */
interface Record {
  /** The physical volumes: LVM is shown no others. */
  readonly devices: readonly string[];
  /** "group/volume". */
  readonly volumes: readonly string[];
}

/** Logical volumes that were switched on for a rescue; off again with {@link AsyncDisposable}. */
export interface Activated extends AsyncDisposable {
  /** How many were switched on; the block devices are to be listed anew then. */
  readonly count: number;
  /** What a person should know, one line each. */
  readonly notes: readonly string[];
}

/**
 * Switches on the logical volumes that lie on devices which the running system's root does not. LVM is shown just those
 * devices: in rescue mode both systems may stem from one image, and two physical volumes with one UUID would make it refuse
 * both. A volume whose name the running system has taken cannot be had: device-mapper knows names only, and renaming
 * (vgimportclone) would break the server.
 * @param work - a folder of the host, in which is kept what was switched on, for the next run if this one is killed
 */
export async function activateVolumes(
  volumes: readonly Volume[],
  running: RunningSystem,
  work: string,
): Promise<Activated> {
  const members = volumes.filter(
    (volume) => volume.content.type === 'LVM2_member' && !carriesRoot(volume, volumes, running),
  );
  if (members.length === 0) return nothing([]);
  const devices = members.map(({ name }) => name);
  const found = await list(devices);
  if (typeof found === 'string') return nothing([`${devices.join(', ')}: ${found}`]);
  const [wanted, notes] = sort(found, members, volumes);
  const record: Record = { devices, volumes: wanted };
  // First the record, then the deed: whoever is killed between them leaves a record too much.
  if (wanted.length > 0) writeRecord(work, record);
  for (const name of wanted) {
    const { exitCode, stderr } = await lvm('lvchange', devices, ['--activate', 'y', name]);
    if (exitCode !== 0) notes.push(`the logical volume ${name} cannot be activated: ${complaint(stderr)}`);
  }
  return {
    count: wanted.length,
    notes,
    [Symbol.asyncDispose]: async () => {
      if (wanted.length > 0) await deactivate(record);
    },
  };
}

/** Switches off what killed runs have left on. */
export async function deactivateLeft(): Promise<void> {
  for (const folder of leftWorkFolders('rescue')) {
    const record = readRecord(folder);
    if (record) await deactivate(record);
    rmSync(join(folder, recordName), { force: true });
  }
}

/** The inactive ones that can be had, and why others cannot. */
function sort(
  found: readonly LogicalVolume[],
  members: readonly Volume[],
  volumes: readonly Volume[],
): [string[], string[]] {
  const own = new Set(members.flatMap((member) => stack(member, volumes).map(({ name }) => name)));
  const wanted: string[] = [];
  const notes: string[] = [];
  for (const { group, name } of found) {
    const device = `/dev/mapper/${mapperName(group, name)}`;
    if (own.has(device)) continue; // active, and none of our business
    if (volumes.some((volume) => volume.name === device)) {
      notes.push(
        `the logical volume ${group}/${name} of ${members.map((each) => each.name).join(', ')} cannot be activated: the running system has one of the same name. Boot a rescue system whose volume group is not called ${group}`,
      );
    } else wanted.push(`${group}/${name}`);
  }
  return [wanted, notes];
}

async function list(devices: readonly string[]): Promise<readonly LogicalVolume[] | string> {
  try {
    const { exitCode, stdout, stderr } = await lvm('lvs', devices, [
      '--reportformat',
      'json',
      '--options',
      lvsColumns,
    ]);
    return exitCode === 0 ? parseLvs(stdout) : `LVM cannot read it: ${complaint(stderr)}`;
  } catch (error) {
    if (error instanceof ImageError && error.code === 'missing-tool')
      return `a physical volume of LVM, and ${error.message} (${error.hint ?? ''})`;
    throw error;
  }
}

async function deactivate({ devices, volumes }: Record): Promise<void> {
  const failures: string[] = [];
  for (const name of [...volumes].reverse()) {
    const { exitCode, stderr } = await lvm('lvchange', devices, ['--activate', 'n', name]);
    if (exitCode !== 0) failures.push(`${name}: ${complaint(stderr)}`);
  }
  if (failures.length > 0) {
    throw new ImageError('program-failed', `logical volumes are still active: ${failures.join('; ')}`, {
      hint: 'Switch them off with "lvchange --activate n GROUP/VOLUME".',
    });
  }
}

/** Shows LVM some devices and no others, whatever its configuration, caches and list of devices say (lvm.conf(5)). */
async function lvm(
  command: string,
  devices: readonly string[],
  args: readonly string[],
): ReturnType<typeof run> {
  const accept = devices.map((name) => `"a|^${name.replace(/[^\w/]/g, '\\$&')}$|"`).join(',');
  const filter = `[${accept},"r|.*|"]`;
  const config = `devices{use_devicesfile=0 filter=${filter} global_filter=${filter}} global{use_lvmetad=0}`;
  return run('lvm', [command, '--config', config, ...args], { package: 'lvm2' });
}

function nothing(notes: readonly string[]): Activated {
  return { count: 0, notes, [Symbol.asyncDispose]: async () => undefined };
}

function writeRecord(work: string, record: Record): void {
  mkdirSync(work, { recursive: true });
  writeFileSync(join(work, recordName), JSON.stringify(record), { mode: 0o600, flush: true });
}

function readRecord(folder: string): Record | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, recordName), 'utf8')) as Record;
  } catch (error) {
    // Killed in the middle of writing it, and so before anything was switched on.
    if (systemCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What went wrong, without LVM's remarks on its configuration. */
function complaint(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  return lines.findLast((line) => line !== '' && !line.startsWith('WARNING')) ?? 'no word of why';
}
