/** Where passwords and keys live, whatever the mode of the file says. */
const secretPaths = [
  /^\/etc\/(g?shadow|master\.passwd|passwd|security\/opasswd|krb5\.keytab)([-.~].*)?$/,
  /^\/etc\/ssh\/ssh_host_.*_key$/,
  /(^|\/)\.(ssh|gnupg|aws|docker|kube)\//,
  /(^|\/)\.(netrc|pgpass|my\.cnf|git-credentials)$/,
  /\.(key|pem|p12|pfx|jks|keytab|kdbx|ovpn)$/i,
  /^\/etc\/(ssl|pki)\/.*private/,
  /^\/etc\/(openvpn|wireguard|tinc|swanctl|strongswan|ipsec\.d|vpnc)\/.*(key|secret|private|pass|auth|cred)/i,
  /^\/etc\/wireguard\//,
  /^\/etc\/ipsec\.secrets/,
  /^\/etc\/ppp\/(chap|pap|srp)-secrets/,
  /^\/etc\/NetworkManager\/system-connections\//,
  /^\/etc\/wpa_supplicant\//,
  /^\/etc\/sysconfig\/network-scripts\/keys-/,
  /^\/(usr\/local\/)?etc\/sudoers(\.d\/|$)/,
  /^\/var\/lib\/cloud\/(instances?|seed)\//,
  /^\/config-drive\//,
];

/** A private key in any armour (RFC 7468, OpenSSH, PGP, OpenVPN's static key). */
const privateKey = /-----BEGIN [A-Z0-9 ]*(PRIVATE KEY|OpenVPN Static key|SECRET)/i;

/** Keys and password lists that have no armour: WireGuard's, netplan's of WireGuard, and cloud-init's `chpasswd`. */
const secretSection =
  /^[ \t]*(PrivateKey|PresharedKey|chpasswd[ \t]*:|["']?mode["']?[ \t]*:[ \t]*["']?wireguard)/m;

/** A hash of crypt(5): `$6$…`, `$y$…`, `$2b$…`. */
const passwordHash = /\$(1|2[abxy]?|5|6|7|y|gy|md5|sha1)\$[./0-9A-Za-z$=,]{8}/;

/** An assignment whose name says that its value is a secret; a value that a shell fills in is none. */
const assignment =
  /(pass(word|wd|phrase)?|secret|psk|private[-_ ]?key|pre[-_]?shared[-_ ]?key|token|api[-_]?key)["']?[ \t]*[:=][ \t]*["']?[^\s"'#$]/i;

/** Settings that only sound that way, in configuration files that repairs write to. */
const harmless = /lock[-_]passwd|no_?passwd|expire[-_]passwords?|passwd:[ \t]*(?=\/|files|compat)/gi;

/**
 * Whether a file's content must stay out of reports: by its path, by its mode (what the guest does not show to
 * every user, a report does not show either; programs excepted), or by a private key in it.
 * @param mode - permission bits before or after the change
 */
export function isSecretFile(path: string, modes: readonly number[], contents: readonly string[]): boolean {
  if (secretPaths.some((pattern) => pattern.test(path))) return true;
  if (modes.some((mode) => (mode & 0o004) === 0 && (mode & 0o111) === 0)) return true;
  return contents.some((content) => privateKey.test(content) || secretSection.test(content));
}

/** Whether a line that a diff would show holds a password, its hash or a key. */
export function showsSecret(diff: string): boolean {
  return diff
    .split('\n')
    .some((line) => passwordHash.test(line) || assignment.test(line.replace(harmless, '')));
}
