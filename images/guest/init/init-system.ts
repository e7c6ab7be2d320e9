/** What the kernel starts first, and what starts everything else. Only init-modules.ts says what differs. */
export type InitSystem = 'systemd' | 'sysv' | 'upstart' | 'openrc' | 'unknown';
