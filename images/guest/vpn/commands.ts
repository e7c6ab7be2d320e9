/** Programs that bring a VPN up, and their products. */
const programs: ReadonlyMap<string, string> = new Map([
  ['openvpn', 'openvpn'],
  ['wg-quick', 'wireguard'],
  ['vpnc', 'vpnc'],
  ['vpnc-connect', 'vpnc'],
  ['openconnect', 'openconnect'],
  ['openfortivpn', 'openfortivpn'],
  ['pppd', 'ppp'],
  ['pon', 'ppp'],
  ['pptp', 'pptp'],
  ['pptpd', 'pptp'],
  ['xl2tpd', 'l2tp'],
  ['ipsec', 'ipsec'],
  ['racoon', 'racoon'],
  ['tincd', 'tinc'],
  ['ocserv', 'ocserv'],
  ['n2n', 'n2n'],
  ['edge', 'n2n'],
  ['nebula', 'nebula'],
  ['tailscaled', 'tailscale'],
  ['tailscale', 'tailscale'],
  ['zerotier-one', 'zerotier'],
  ['tunctl', 'tun'],
]);

/** Words that only lead to the command that counts. */
const wrappers = new Set([
  'sudo',
  'nohup',
  'exec',
  'setsid',
  'nice',
  'ionice',
  'env',
  'time',
  'then',
  'do',
  'else',
  'if',
  'while',
  '!',
  '{',
  'start-stop-daemon',
  'daemon',
  'screen',
  'sh',
  'bash',
  'su',
  'root',
]);

const starters = new Set(['systemctl', 'service', 'invoke-rc.d', 'rc-service']);

/**
 * The product whose VPN a shell command line brings up; undefined when it does nothing of the kind. It looks at the
 * first word of each simple command in the line, so `pkill openvpn` or a mention in `echo` is none.
 */
export function vpnProgramIn(line: string): string | undefined {
  if (line.trimStart().startsWith('#')) return undefined;
  for (const command of line.split(/[;&|()\n`]/)) {
    const product = productOf(command.replace(/["']/g, ' ').trim().split(/\s+/));
    if (product !== undefined) return product;
  }
  return undefined;
}

function productOf(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => !wrappers.has(nameOf(word)) && !/^(?:-|\w+=)/.test(word));
  if (at < 0) return undefined;
  const rest = words.slice(at + 1);
  // A wrapper's own options come before the command: "nice -n 5 openvpn".
  if (at > 0 && /^\d+$/.test(words[at] ?? '')) return productOf(rest);
  const name = nameOf(words[at] ?? '');
  if (name === 'ip') return makesTunnel(rest) ? 'tun' : undefined;
  const isScript = (words[at] ?? '').includes('/init.d/');
  if (starters.has(name) || isScript) {
    if (!rest.some((word) => /^(?:re)?start$/.test(word))) return undefined;
    return (isScript ? [name] : rest).map(productOfService).find((product) => product !== undefined);
  }
  if (rest[0] === 'down' || rest[0] === 'stop' || rest[0] === '--version') return undefined;
  return programs.get(name);
}

/** `ip tuntap add`, `ip tunnel add`, `ip link add … type wireguard`. */
function makesTunnel(words: readonly string[]): boolean {
  const [object = '', action = ''] = words.filter((word) => !word.startsWith('-'));
  if (!/^a(?:dd?)?$/.test(action)) return false;
  if (/^(?:tuntap|tunnel|tunl|tun|l2tp)$/.test(object)) return true;
  const type = words[words.lastIndexOf('type') + 1] ?? '';
  return (
    /^l(?:ink?)?$/.test(object) && /^(?:wireguard|gre|gretap|ipip|sit|vti6?|ip6tnl|ip6gre|xfrm)$/.test(type)
  );
}

function productOfService(word: string): string | undefined {
  const name = nameOf(word)
    .replace(/\.service$/, '')
    .replace(/@.*$/, '')
    .replace(/-(?:client|server)$/, '');
  return (
    programs.get(name) ?? (name === 'strongswan' || name === 'strongswan-starter' ? 'strongswan' : undefined)
  );
}

function nameOf(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1);
}
