/** What is mounted of an image is never a way into the host: no devices, no privileges, no programs. */
const always = ['nosuid', 'nodev', 'noexec'];

/**
 * Options to mount a file system of an image for reading, without writing a byte to it: the journal is left as it is, so
 * what was written last may not be seen. Sets of options in the order in which they are tried, since they depend on the
 * kernel.
 */
export function lookOptions(type: string): readonly string[][] {
  const read = ['ro', ...always];
  if (/^ext[34]$/.test(type)) return [[...read, 'noload']];
  if (type === 'xfs') return [[...read, 'norecovery', 'nouuid']];
  // Linux 5.9 gave the option its new name, and later kernels have only that.
  if (type === 'btrfs')
    return [
      [...read, 'rescue=nologreplay'],
      [...read, 'nologreplay'],
    ];
  return [read];
}

/**
 * Options to mount it for work; read-only at first. The kernel replays the journal even so, so that all is seen.
 * @param subvolume - of btrfs, as an option: `subvol=…` or `subvolid=…`; the file system's default one unless given
 */
export function workOptions(type: string, subvolume?: string): string[] {
  const read = ['ro', ...always];
  // The rescue system may stem from the same image: XFS refuses a UUID that is mounted already.
  if (type === 'xfs') return [...read, 'nouuid'];
  if (type === 'btrfs' && subvolume !== undefined) return [...read, subvolume];
  return read;
}
