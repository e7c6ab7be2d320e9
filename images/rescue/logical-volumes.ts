import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ImageError, systemCode } from '../base/errors.js';
import { run } from '../base/exec.js';
import { type LogicalVolume, lvsColumns, parseLvs, parsePvs, pvsColumns } from '../formats/lvm-report.js';
import { mapperName } from '../formats/mount-spec.js';
import { leftWorkFolders } from '../sandbox/work-folder.js';
import { type RunningSystem, carriesRoot } from './refusal.js';
import type { Volume } from './volume.js';

const recordName = 'activated.json';

/** Logical volumes of one group, and what it takes to switch them off again. */
interface VolumeGroup {
  /** The physical volumes: LVM is shown no others. */
  readonly devices: readonly string[];
  /** "group/volume". */
  readonly volumes: readonly string[];
}

/** Logical volumes that were switched on for a rescue; off again with {@link AsyncDisposable}. */
export interface ActivatedVolumes extends AsyncDisposable {
  /** How many were switched on; the block devices are to be listed anew then. */
  readonly count: number;
  /** What the user should know, one line each. */
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
): Promise<ActivatedVolumes> {
  const members = volumes.filter(
    (volume) => volume.content.type === 'LVM2_member' && !carriesRoot(volume, volumes, running),
  );
  if (members.length === 0) return nothing([]);
  const notes: string[] = [];
  const groups: VolumeGroup[] = [];
  try {
    for (const devices of await groupsOn(members.map(({ name }) => name))) {
      groups.push({ devices, volumes: wantedOf(await volumesOf(devices), devices, volumes, notes) });
    }
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    // Without LVM there may still be a root elsewhere.
    notes.push(`${members.map(({ name }) => name).join(', ')}: ${error.message}`);
    if (error.hint !== undefined) notes.push(error.hint);
  }
  // First the record, then the deed: whoever is killed between them leaves a record too much.
  writeRecord(work, groups);
  for (const { devices, volumes: names } of groups) {
    for (const name of names) {
      const { exitCode, stderr } = await lvm('lvchange', devices, ['--activate', 'y', name]);
      if (exitCode !== 0) notes.push(`the logical volume ${name} cannot be activated: ${complaint(stderr)}`);
    }
  }
  return {
    count: groups.flatMap((group) => group.volumes).length,
    notes,
    [Symbol.asyncDispose]: () => deactivate(groups),
  };
}

/** Switches off what killed runs have left on. */
export async function deactivateLeft(): Promise<void> {
  for (const folder of leftWorkFolders('rescue')) {
    await deactivate(readRecord(folder) ?? []);
    rmSync(join(folder, recordName), { force: true });
  }
}

/** The inactive ones that can be had; why others cannot is noted. */
function wantedOf(
  found: readonly LogicalVolume[],
  devices: readonly string[],
  volumes: readonly Volume[],
  notes: string[],
): string[] {
  const wanted: string[] = [];
  for (const { group, name, active } of found) {
    const device = `/dev/mapper/${mapperName(group, name)}`;
    const taken = volumes.find((volume) => volume.name === device);
    if (!taken) wanted.push(`${group}/${name}`);
    else if (!active || !taken.parents.some((parent) => devices.includes(parent))) {
      notes.push(
        `the logical volume ${group}/${name} of ${devices.join(', ')} cannot be activated: another one of that name is active. Boot a rescue system without a volume group ${group}`,
      );
    }
  }
  return wanted;
}

/** The devices of each volume group. */
async function groupsOn(devices: readonly string[]): Promise<(readonly string[])[]> {
  return [...parsePvs(await report('pvs', devices, pvsColumns)).values()];
}

async function volumesOf(devices: readonly string[]): Promise<readonly LogicalVolume[]> {
  return parseLvs(await report('lvs', devices, lvsColumns));
}

async function report(command: 'pvs' | 'lvs', devices: readonly string[], columns: string): Promise<string> {
  const { exitCode, stdout, stderr } = await lvm(command, devices, [
    '--reportformat',
    'json',
    '--options',
    columns,
  ]);
  if (exitCode === 0) return stdout;
  throw new ImageError('program-failed', `LVM cannot read it: ${complaint(stderr)}`);
}

async function deactivate(groups: readonly VolumeGroup[]): Promise<void> {
  const failures: string[] = [];
  for (const { devices, volumes } of groups) {
    for (const name of [...volumes].reverse()) {
      const { exitCode, stderr } = await lvm('lvchange', devices, ['--activate', 'n', name]);
      if (exitCode !== 0) failures.push(`${name}: ${complaint(stderr)}`);
    }
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

function nothing(notes: readonly string[]): ActivatedVolumes {
  return { count: 0, notes, [Symbol.asyncDispose]: async () => undefined };
}

function writeRecord(work: string, groups: readonly VolumeGroup[]): void {
  writeFileSync(join(work, recordName), JSON.stringify(groups), { mode: 0o600, flush: true });
}

function readRecord(folder: string): readonly VolumeGroup[] | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, recordName), 'utf8')) as readonly VolumeGroup[];
  } catch (error) {
    // Killed in the middle of writing it, and so before anything was switched on.
    if (systemCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What went wrong, without LVM's remarks on its configuration. */
function complaint(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  return lines.findLast((line) => line !== '' && !line.startsWith('WARNING')) ?? 'no reason was given';
}
