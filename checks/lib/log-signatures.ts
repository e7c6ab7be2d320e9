import type { LogLine } from '../../images/guest/agents/agent-log.js';

/** A known fault, by what it leaves in a log. */
export interface LogSignature {
  /** The message's id. */
  readonly id: string;
  /** What it means, for a person who knows the cloud but not the agent's source. */
  readonly meaning: string;
  /**
   * A line that shows it, or, where only the lines around it do, the lines that show it. Patterns are linear: logs
   * are an image's own and may be long.
   */
  readonly match: RegExp | ((lines: readonly LogLine[]) => readonly LogLine[]);
}

/** 1.x dies in the midst of resetnetwork: received, never completed, and then a new start or nothing at all. */
function interruptedResets(lines: readonly LogLine[]): LogLine[] {
  const interrupted: LogLine[] = [];
  let open: LogLine | undefined;
  for (const line of lines) {
    if (line.text.includes("Received command 'resetnetwork'")) {
      if (open) interrupted.push(open);
      open = line;
    } else if (line.text.includes("'resetnetwork' completed")) open = undefined;
    else if (open && /\] Agent \S{1,40} started/.test(line.text)) {
      interrupted.push(open);
      open = undefined;
    }
  }
  return open ? [...interrupted, open] : interrupted;
}

/** 2.x gave up on its provider; the line before says which provider it saw, and `None` is no XenStore. */
function refusedProviders(isNone: boolean): (lines: readonly LogLine[]) => LogLine[] {
  return (lines) => {
    let provider: string | undefined;
    return lines.filter(({ text }) => {
      provider = /\bProvider: (\S{1,80})/.exec(text)?.[1] ?? provider;
      return text.includes('Invalid provider for instance') && ((provider ?? 'None') === 'None') === isNone;
    });
  };
}

/** 2.x on /proc/xen/xenbus under Python 3: its client for it mixes text and bytes. */
function procXenbusErrors(lines: readonly LogLine[]): LogLine[] {
  let proc = false;
  return lines.filter(({ text }) => {
    if (text.includes('Using /proc/xen/xenbus')) proc = true;
    else if (text.includes('Checking for existence of /dev/xen/xenbus')) proc = false;
    return proc && /\bTypeError\b/.test(text);
  });
}

/** Every known fault, by generation and then by the program that writes the line. */
export const logSignatures: readonly LogSignature[] = [
  {
    id: 'xenstore-unreachable',
    meaning: 'the 1.x agent could not reach XenStore when it started: the guest utilities were not running',
    match: /PyXenStoreError: Couldn't open connection to the xenstore/,
  },
  {
    id: 'config-failed',
    meaning: 'the 1.x agent exited while reading nova-agent.py; the lines above say why',
    match: /failed to parse config file '\/usr\/share\/nova-agent\/nova-agent\.py'/,
  },
  {
    id: 'python-failed',
    meaning: 'the Python code of the 1.x agent failed at startup; the [EXC] lines that follow say why',
    match: /Failed to run python code: A python exception has occurred/,
  },
  {
    id: 'import-failed',
    meaning:
      'the 1.x agent could not load a Python module of its own tree: libraries and program are of different releases',
    match: /\[EXC\] {1,40}ImportError/,
  },
  {
    id: 'reset-interrupted',
    meaning:
      'a resetnetwork began and never ended: the agent died, as 1.x before 1.39.1 does when there is a VPN tunnel',
    match: interruptedResets,
  },
  {
    id: 'segfault',
    meaning:
      'the kernel killed nova-agent for a segmentation fault; in 1.x before 1.39.1 a VPN tunnel causes it',
    match: /nova-agent\[\d{1,10}\]: segfault/,
  },
  {
    id: 'restart-failed',
    meaning:
      'the 1.x agent wrote the network configuration, but the network script failed (on Ubuntu with upstart this is a false alarm)',
    match: /Couldn't restart network: \d/,
  },
  {
    id: 'unknown-mac',
    meaning: 'the cloud named a network card that the server did not have, so resetnetwork failed',
    match: /Unknown interface MAC/,
  },
  {
    id: 'unknown-os',
    meaning: 'the 1.x agent does not support this operating system, so resetnetwork failed',
    match: /Couldn't figure out my OS/,
  },
  {
    id: 'no-addresses',
    meaning: 'the cloud gave no addresses for a network card, so resetnetwork failed',
    match: /No IPs found for interface/,
  },
  {
    id: 'two-default-routes',
    meaning: 'the cloud gave more than one default route, so resetnetwork failed',
    match: /Multiple IPv4 default routes specified/,
  },
  {
    id: 'no-channel',
    meaning:
      'the 2.x agent found neither a XenStore device nor the xenstore tools: the guest utilities were missing',
    match: /Exception occurred trying to get provider:.{0,400}xenstore-/,
  },
  {
    id: 'provider-unread',
    meaning: 'the 2.x agent could not read the provider of the server, so it exited',
    match: /Exception occurred trying to get provider:(?!.{0,400}xenstore-)/,
  },
  {
    id: 'no-provider',
    meaning: 'the 2.x agent exited because XenStore names no provider',
    match: refusedProviders(true),
  },
  {
    id: 'other-provider',
    meaning: 'the 2.x agent exited because the server’s provider is not Rackspace',
    match: refusedProviders(false),
  },
  {
    id: 'proc-xenbus',
    meaning:
      'the 2.x agent used /proc/xen/xenbus, which fails under Python 3; it needs a kernel with /dev/xen/xenbus',
    match: procXenbusErrors,
  },
  {
    id: 'hostname-failed',
    meaning: 'the 2.x agent could not set the host name',
    match: /Error setting hostname|Error using hostnamectl:/,
  },
  {
    id: 'network-failed',
    meaning: 'the 2.x agent wrote the network configuration but could not apply it',
    match: /Error received on network restart:|Error applying netplan:|Error restarting network/,
  },
  {
    id: 'module-missing',
    meaning: 'the 2.x agent did not start because a Python module was missing',
    match: /ModuleNotFoundError: No module named '?(?:cryptography|pyxs|yaml|distro)\b/,
  },
  {
    id: 'no-server-os',
    meaning: 'the 2.x agent exited at startup because it does not support this operating system',
    match: /'NoneType' object has no attribute 'ServerOS'/,
  },
  {
    id: 'start-timeout',
    meaning: 'systemd stopped waiting for nova-agent to report that it is ready',
    match: /nova-agent\S{0,40} start operation timed out/,
  },
  {
    id: 'unit-not-found',
    meaning: 'systemd did not see nova-agent’s linked init script (rm14157)',
    match: /Unit nova-agent\.service failed to load: No such file or directory/,
  },
  {
    id: 'lsb-tags-missing',
    meaning:
      'insserv found no LSB header in nova-agent’s script, so the agent had no place in the boot order',
    match: /insserv: warning: script '(?:[SK]\d\d)?(?:python3?-)?nova-agent' missing LSB tags/,
  },
  {
    id: 'ordering-cycle',
    meaning:
      'systemd found services that wait for each other in a cycle, and removed one of them from the boot',
    match: /Found ordering cycle on |deleted to break ordering cycle/,
  },
  {
    id: 'ipv6-unbound',
    meaning: 'the Windows agent’s netsh failed because IPv6 is switched off on the interface',
    match: /Command Failed\. , Output:Element not found/,
  },
  {
    id: 'datasource-none',
    meaning:
      'cloud-init found no datasource and fell back to DHCP, overriding the network that nova-agent had set',
    match: /"datasource": {0,4}"DataSourceNone"/,
  },
];

/** The lines of a log that show a fault. */
export function matching({ match }: LogSignature, lines: readonly LogLine[]): readonly LogLine[] {
  return typeof match === 'function' ? match(lines) : lines.filter(({ text }) => match.test(text));
}
