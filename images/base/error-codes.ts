/** What a program that uses Hallmark can go by: when an error with this code is thrown, and what to do about it. */
interface ErrorMeaning {
  /** The exit codes of the command that it can lead to: one for each class of error that carries the code. */
  readonly exits: readonly (2 | 3 | 4)[];
  /** Plain English: when it happens, and what to do. */
  readonly meaning: string;
}

/** Every cause of an error that Hallmark itself throws. docs/errors.md is generated from this table. */
export const errorCodes = {
  'agent-stays': {
    exits: [3],
    meaning:
      'The repair needs nova-agent out of the way, and nova-agent still starts at boot. Say --agent disable or --agent remove.',
  },
  'bad-arguments': {
    exits: [2],
    meaning: 'The options contradict each other, or one is missing. See the help of the command.',
  },
  'bad-change': {
    exits: [3, 4],
    meaning:
      'A change cannot be made where it was planned: its directory is missing, or a file and a directory would take each other’s place. Nothing was written.',
  },
  'bad-config': {
    exits: [2],
    meaning:
      'The configuration file is not valid. The message names the line; "hallmark --help" names the options.',
  },
  'bad-destination': {
    exits: [2],
    meaning: 'The place to write to cannot be used. Choose another one, or make it writable.',
  },
  'bad-environment': {
    exits: [2],
    meaning:
      'A variable of the environment, such as SOURCE_DATE_EPOCH, has a value that cannot be used. Set it to what the message says, or unset it.',
  },
  'bad-metadata': {
    exits: [2],
    meaning:
      'The file given with --metadata does not describe one image in a form that an OpenStack client prints. "openstack image show -f json IMAGE" prints one.',
  },
  'bad-password': {
    exits: [2],
    meaning: 'The new password is empty, too long, not one line, or was typed differently the second time.',
  },
  'bad-record': {
    exits: [3],
    meaning:
      'The record of VPNs in the image cannot be read, or a newer release wrote it. Switch the VPNs on by hand, then remove the record.',
  },
  'bad-scenario': {
    exits: [2],
    meaning: 'The scenario file is not valid. The message names the line.',
  },
  'bad-state': {
    exits: [3],
    meaning:
      'The state of a snapshot cannot be read, or a newer release wrote it. Start what it names by hand, then remove it.',
  },
  'bad-unit-name': {
    exits: [3],
    meaning: 'A name was asked for that no systemd unit can have.',
  },
  'bad-zip': {
    exits: [3],
    meaning: 'A zip archive in the image is damaged. Put the package that it belongs to in again.',
  },
  'boot-loop': {
    exits: [3],
    meaning:
      'The headers of the init scripts form a cycle, and insserv would refuse them. Correct one of the headers that the message names.',
  },
  changed: {
    exits: [3, 4],
    meaning:
      'Something was changed by someone else between the reading and the writing. Run the command again; it starts from what is there now.',
  },
  checksum: {
    exits: [2],
    meaning: 'A package file does not have the SHA-256 that was given for it. Fetch the file again.',
  },
  corrupt: {
    exits: [3],
    meaning: 'An archive or package is damaged. The message names the byte. Make or fetch the file again.',
  },
  'foreign-architecture': {
    exits: [3],
    meaning:
      'The programs of the image are for another processor. Install qemu-user-static, or install packages with --offline-install.',
  },
  'in-use': {
    exits: [2],
    meaning: 'The device is mounted or otherwise in use. Unmount it, or give the folder where it is mounted.',
  },
  'install-failed': {
    exits: [3],
    meaning:
      'The package manager of the image failed. The message has its complaint; nothing of the installation was kept.',
  },
  interrupted: {
    exits: [4],
    meaning:
      'The repair was written, and the run was interrupted before the result was checked. Run "hallmark check" on it.',
  },
  'journal-damaged': {
    exits: [4],
    meaning:
      'The journal of a transaction is damaged, or a newer release wrote it. Restore the image from its own backup.',
  },
  'journal-failed': {
    exits: [4],
    meaning:
      'No journal can be written, so nothing was changed. Set XDG_STATE_HOME to a writable directory with enough room.',
  },
  'link-loop': {
    exits: [3],
    meaning:
      'A change belongs below a path whose symbolic links lead to each other in a cycle. Correct one of them.',
  },
  locked: {
    exits: [4],
    meaning: 'Another run is working on the same image. Wait until it has ended.',
  },
  missing: {
    exits: [3],
    meaning: 'The image file does not exist.',
  },
  'missing-tool': {
    exits: [3],
    meaning: 'A program of the host is not installed. The hint names its package.',
  },
  'needs-terminal': {
    exits: [2],
    meaning: 'A password has to be typed, and there is no terminal. Use --root-password-fd.',
  },
  'needs-yes': {
    exits: [2],
    meaning: 'The command asks before it changes anything, and nobody can answer. Use --yes.',
  },
  'no-agent': {
    exits: [3],
    meaning: 'There is no nova-agent that fits the image, or none in it that could be rehearsed.',
  },
  'no-answer': {
    exits: [3],
    meaning:
      'The nova-agent of this server did not answer, or not as an agent should. Look whether it runs, and at its log.',
  },
  'no-boot': {
    exits: [3],
    meaning: 'The init of the image cannot be started on this host. The message says why.',
  },
  'no-checks': {
    exits: [2],
    meaning: '--only and --skip exclude every check. Leave one out.',
  },
  'no-cloud-init': {
    exits: [3],
    meaning: 'A rehearsal with cloud-init was asked for, and the image has none. Install it first.',
  },
  'no-namespaces': {
    exits: [3],
    meaning:
      'The host does not allow private namespaces. Run as root, outside of a container that forbids them.',
  },
  'no-native-code': {
    exits: [3],
    meaning:
      'The standalone executable could not unpack its native code. Set TMPDIR to a writable folder that is not mounted with noexec.',
  },
  'no-os': {
    exits: [3],
    meaning:
      'The image does not look like a root file system. Name the folder, archive or mount point that holds etc/ and usr/.',
  },
  'no-package': {
    exits: [3],
    meaning:
      'No repository has the package, or not in the version that was asked for. Name another repository.',
  },
  'no-package-manager': {
    exits: [3],
    meaning:
      'The image has no package manager that Hallmark knows. Give the package itself, or use --offline-install.',
  },
  'no-root': {
    exits: [3],
    meaning:
      'No disk holds a Linux root file system that can be rescued. The message gives the reason for each.',
  },
  'no-root-account': {
    exits: [3],
    meaning: 'The image has no account named root, so its password cannot be set.',
  },
  'no-service': {
    exits: [3],
    meaning: 'An init script that a repair needs is not in the image.',
  },
  'no-shell': {
    exits: [3],
    meaning:
      'The image has no shell, so none of its programs can be run. Install packages with --offline-install.',
  },
  'no-space': {
    exits: [3, 4],
    meaning: 'A disk, a quota or the sandbox is full. Make room; the image is as it was.',
  },
  'no-successor': {
    exits: [3],
    meaning:
      'nova-agent is not disabled or removed, because cloud-init would not take over and the server would be out of reach.',
  },
  'no-such-device': {
    exits: [2],
    meaning: 'There is no block device of that name. lsblk lists them.',
  },
  'no-such-file': {
    exits: [2],
    meaning: 'A file or directory that an option names does not exist or cannot be read.',
  },
  'no-such-image': {
    exits: [2],
    meaning: 'There is nothing at the path given as IMAGE.',
  },
  'no-tools': {
    exits: [3],
    meaning: 'The tools ISO has no guest utilities for this system.',
  },
  'no-xenstore': {
    exits: [3],
    meaning:
      'XenStore cannot be reached, or does not answer. Run Hallmark as root, on a server that runs under Xen.',
  },
  'not-a-file': {
    exits: [3],
    meaning:
      'A regular file is expected where there is something else, such as a directory or a device. It was not opened.',
  },
  'not-a-package': {
    exits: [3],
    meaning: 'The file given as a package is neither a .deb, an .rpm, a tarball nor an ISO image.',
  },
  'not-installable': {
    exits: [3],
    meaning:
      'A package cannot be installed: a dependency is missing, it conflicts with another package, or it is for another architecture.',
  },
  'not-mounted': {
    exits: [3],
    meaning:
      'A part of the image lies on another file system, which is not mounted. Mount it, then run again.',
  },
  'not-permitted': {
    exits: [4],
    meaning: 'The system refused a write: no permission, or the immutable attribute. The image is as it was.',
  },
  'not-removable': {
    exits: [3],
    meaning: 'A package cannot be removed, because another one needs it.',
  },
  'not-root': {
    exits: [3],
    meaning: 'Programs of the image can be run only as root.',
  },
  'not-started': {
    exits: [4],
    meaning: 'A VPN that was running before the snapshot did not start again. Start it by hand.',
  },
  'not-stopped': {
    exits: [4],
    meaning: 'A VPN could not be stopped for the snapshot. Stop it by hand.',
  },
  'not-verified': {
    exits: [4],
    meaning: 'The image was written, and a check does not end as planned. The hint says how to go back.',
  },
  'nothing-to-undo': {
    exits: [4],
    meaning: 'No transaction of this image is recorded, or its original is gone. Nothing was changed.',
  },
  'original-kept': {
    exits: [2, 4],
    meaning:
      'The original of an earlier repair is still beside the tarball. Undo that repair, or remove the original.',
  },
  'other-image': {
    exits: [4],
    meaning: 'The transaction was made on another image. Nothing was written.',
  },
  output: {
    exits: [3],
    meaning: 'The results could not be written to standard output or to the report folder.',
  },
  'package-database': {
    exits: [3],
    meaning:
      'The package database of the image cannot be read, so it is not known which packages are installed. Repair it with the package manager of the image.',
  },
  'program-failed': {
    exits: [3],
    meaning: 'A program of the host or the image failed or took too long. The message has its complaint.',
  },
  'read-only': {
    exits: [4],
    meaning: 'The file system of the image is read-only. Mount it for writing; the image is as it was.',
  },
  'rollback-failed': {
    exits: [4],
    meaning:
      'A repair failed, and so did taking it back. The originals are in the journal that the hint names: remove the obstacle, then run "hallmark undo".',
  },
  'running-system': {
    exits: [2],
    meaning: 'The device or folder belongs to the running system, which "hallmark rescue" never touches.',
  },
  'state-inside-image': {
    exits: [2],
    meaning: 'The journal would lie inside the image. Set XDG_STATE_HOME to a directory outside of it.',
  },
  'too-large': {
    exits: [3],
    meaning: 'A file or archive is larger than Hallmark reads. The message gives the limit.',
  },
  undecided: {
    exits: [2],
    meaning: 'There is more than one root file system, and none was chosen. Name the device.',
  },
  'unknown-check': {
    exits: [2],
    meaning: 'There is no check with that ID. "hallmark list" prints all of them.',
  },
  unreadable: {
    exits: [3],
    meaning: 'Something could not be read: permission, an input error, or it vanished while it was read.',
  },
  'unsafe-name': {
    exits: [3],
    meaning:
      'The archive has an entry that leads out of it: an absolute name, or one with "..". Pack it again from inside the root.',
  },
  'unsafe-state': {
    exits: [4],
    meaning: 'Others can write to the state directory. Make it yours alone (mode 0700).',
  },
  unsupported: {
    exits: [3],
    meaning:
      'Hallmark cannot handle what it found there. The message says what, and the hint what to do instead.',
  },
  'unsupported-change': {
    exits: [3],
    meaning:
      'A package or program made something that cannot be applied to an image, such as a device. Do that step by hand.',
  },
  'unsupported-init': {
    exits: [3],
    meaning: 'Hallmark does not know this init system, or cannot change its boot order.',
  },
  'unsupported-name': {
    exits: [4],
    meaning:
      'A file name or extended attribute that is not UTF-8 cannot be kept exactly. Nothing was written.',
  },
  'unsupported-os': {
    exits: [3],
    meaning: 'Hallmark cannot check this operating system.',
  },
  unwritable: {
    exits: [3, 4],
    meaning:
      'The output file or the original beside the tarball cannot be written. Use --output with another path.',
  },
  'write-failed': {
    exits: [4],
    meaning: 'A write failed for a reason that has no code of its own. The image is as it was.',
  },
  'wrong-generation': {
    exits: [3],
    meaning:
      'The installed nova-agent is of another generation than the image needs. Give the other package.',
  },
  'wrong-kind': {
    exits: [2],
    meaning: 'The image is of another kind than the command or --kind expects.',
  },
  'wrong-package': {
    exits: [3],
    meaning:
      'The package file is of another kind than the image takes: a .deb for an rpm system, for example.',
  },
} as const satisfies Readonly<Record<string, ErrorMeaning>>;

/** The cause of an error; {@link errorCodes} says what each means. */
export type ErrorCode = keyof typeof errorCodes;
