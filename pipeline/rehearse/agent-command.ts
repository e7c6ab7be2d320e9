import type { Agent } from '../../images/guest/agents/agent.js';
import type { Init } from '../../images/guest/init/init.js';

/** The inits that a container boots, and whose services are judged. */
export function boots({ system }: Init): boolean {
  return system === 'systemd' || system === 'sysv';
}

/**
 * What systemd is told besides: that its console, and so we, hear what it and its services say (systemd(1),
 * systemd-journald.service(8)). The image's own settings stay as they are.
 */
export function initArguments({ system }: Init): string[] {
  return system === 'systemd'
    ? [
        'systemd.log_target=console',
        'systemd.log_color=0',
        'systemd.show_status=1',
        'systemd.journald.forward_to_console=1',
      ]
    : [];
}

/** Control groups of version 2 came to be supported for good in systemd 233. */
export function takesUnified({ systemdVersion }: Init): boolean {
  return systemdVersion === undefined || parseInt(systemdVersion, 10) >= 233;
}

/** The agent as its own unit or script runs it, without going to the background. */
export function agentCommand({ generation, program }: Agent): string[] {
  return generation === 2
    ? [program, '--no-fork=True', '-o', '/var/log/nova-agent.log', '-l', 'info']
    : [program, '-n', '-l', 'info', '-o', '/var/log/nova-agent.log', '/usr/share/nova-agent/nova-agent.py'];
}
