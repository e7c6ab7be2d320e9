import type { Namespaces } from './namespaces.js';

/** FS_IOC_GETFLAGS and FS_IOC_SETFLAGS, FS_APPEND_FL and FS_IMMUTABLE_FL: ioctl_iflags(2), linux/fs.h. */
const ioctls = 'my ($get, $set, $held) = (0x80086601, 0x40086602, 0x30);';

/**
 * Reads paths that end in NUL, and clears the two flags of each file or folder that has one; says which had which. Of a
 * file in an overlay's lower layer the copy is changed. The layer is in memory, which knows none of a disk's other flags:
 * so all are cleared (Linux, `ovl_fileattr_set`).
 */
const clear = `${ioctls} $/ = "\\0"; while (<STDIN>) { chomp; lstat; next unless -f _ || -d _;
open(my $file, "<", $_) or next; my $flags = pack("L!", 0); ioctl($file, $get, $flags) or next;
my $had = unpack("L!", $flags) & $held or next; my $none = pack("L!", 0);
ioctl($file, $set, $none) or die "$_: $!\\n"; print "$had $_\\0" }`;

/** Reads what {@link clear} said, and sets the flags again. */
const restore = `${ioctls} $/ = "\\0"; while (<STDIN>) { chomp; my ($had, $path) = split(/ /, $_, 2);
open(my $file, "<", $path) or next; my $flags = pack("L!", $had); ioctl($file, $set, $flags) or die "$path: $!\\n" }`;

/**
 * Makes what is immutable or append-only in a tree like everything else, until the end: nobody can give such a file to
 * another owner (ioctl_iflags(2)), and a guest's tree is given to users of its own.
 * @param root - inside the namespaces, over a layer; nothing of the guest runs yet
 * @returns sets the flags again
 * @throws {ImageError} code `program-failed` when the host's kernel cannot change them in a layer (before 5.15)
 */
export async function unprotect(namespaces: Namespaces, root: string): Promise<AsyncDisposable> {
  const find = 'find "$1" \\( -type f -o -type d \\) -print0 | perl -e "$2"';
  const { stdout } = await namespaces.run('sh', ['-c', find, 'sh', root, clear], { package: 'perl-base' });
  return {
    [Symbol.asyncDispose]: async () => {
      await namespaces.run('perl', ['-e', restore], { input: stdout, package: 'perl-base' });
    },
  };
}
