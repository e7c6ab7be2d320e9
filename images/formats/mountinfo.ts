/** A mount, as /proc/PID/mountinfo tells it (proc_pid_mountinfo(5)). */
export interface Mount {
  /** "8:1": of the file system. btrfs has one of its own that no block device has. */
  readonly number: string;
  /** Which folder of the file system is mounted: "/", or "/@" of a subvolume. */
  readonly root: string;
  readonly point: string;
  readonly type: string;
  /** "/dev/sda1", or whatever the file system calls its source. */
  readonly source: string;
  readonly readOnly: boolean;
}

/** Every mount of a mount namespace, in the order of mounting. */
export function parseMountinfo(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const [before = '', after] = line.split(' - ');
    if (after === undefined) return [];
    const [, , number = '', root = '', point = '', options = ''] = before.split(' ').map(unescaped);
    const [type = '', source = '', ofSuperblock = ''] = after.split(' ').map(unescaped);
    const readOnly = [options, ofSuperblock].some((list) => list.split(',').includes('ro'));
    return [{ number, root, point, type, source, readOnly }];
  });
}

/** A space is written `\040`. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
