import type { FstabEntry } from '../../formats/fstab.js';
import type { GuestPath, Image } from '../../image/image.js';
import type { Input } from '../../image/inputs.js';
import type { Os } from '../os.js';
import type { FirstProgram } from './first-program.js';
import type { Services } from './service.js';
import type { Dialect, LsbRole } from './sysv/dialect.js';

/** How a boot mounts the root for good, which the kernel or the initial RAM disk has mounted. */
export interface RootMount {
  /** Whether it is left read-only by the options of its line in fstab; undefined where nobody heeds them. */
  asksReadOnly(image: Image, options: readonly string[]): Promise<boolean | undefined>;
  /** What would mount it by its line, and is masked. */
  mask(image: Image): Promise<GuestPath | undefined>;
  /** Whether it stays as it was mounted first when fstab has no line for it. */
  readonly staysWithoutLine: boolean;
}

/**
 * All that differs between init systems, as far as a guest's files tell. Each system has one module, and nobody else
 * compares systems: whoever wants to know something of one asks its module.
 */
export interface InitModule {
  /** Whether `program` starts it: the path that says so, or undefined when it does not. */
  recognize(image: Image, program: FirstProgram): Promise<GuestPath | undefined>;
  /** Whether programs are there that come with it and with no other. It may not be the one that runs. */
  isInstalled(image: Image): Promise<boolean>;
  /** Guest paths whose content `services` reads. */
  readonly inputs: readonly Input[];
  /**
   * @param version - of the init system, where a package database knows it
   * @throws {ImageError} when a unit or script cannot be read; code `unsupported-init` where services cannot be judged
   */
  services(image: Image, version?: string): Promise<Services>;
  /** Whether `services` answers; of the other systems it throws. */
  readonly judgesServices: boolean;
  /** Where services are defined: what a finding points at when one is missing. */
  readonly servicesFolder: GuestPath;
  /** Whether services are unit files, of which templates have instances. */
  readonly hasUnitFiles: boolean;
  /** Whether a boot runs systemd's generators: they make units of init scripts, and start cloud-init. */
  readonly runsGenerators: boolean;
  /** Whether cloud-init takes an installed NetworkManager to run: only systemd can be asked whether it is enabled. */
  readonly assumesNetworkManager: boolean;
  /** Whether a boot stops, or waits for somebody, when the device of this entry is not there. Of `/` it is not asked. */
  stopsWithout(entry: FstabEntry, image: Image): Promise<boolean>;
  /** Whether a stop takes a start that waits out of a queue; elsewhere it finds a process, or none. */
  readonly queuesStarts: boolean;
  /** Whether its first boot on a server presets all units (machine-id(5), "First Boot Semantics"). */
  readonly presetsUnits: boolean;
  /** Whether it starts what the lines of /etc/inittab say. */
  readonly readsInittab: boolean;
  /** Whether a boot runs rc.local, where there is one. */
  runsLocal(image: Image, services: Services): Promise<boolean>;
  /** Whether a boot makes a path that the image lacks, before any ordinary service. */
  makes(image: Image, path: GuestPath): Promise<boolean>;
  readonly rootMount: RootMount;
  /** @param numbering - who numbers the links of the guest's init scripts */
  lsbRole(numbering: Dialect): LsbRole;
  /** Whether the packages of the 2.x agent bring a service for it on this distribution. */
  hasAgentService(os: Os): boolean;
}
