import type { DirectoryEntry, GuestPath, Image } from '../../image/image.js';
import { join } from '../../image/resolve.js';
import type { Fact } from '../fact.js';

export interface LogLine {
  /** Counted from 1, in the whole file. */
  readonly number: number;
  /** As it stands in the file; it may hold escape sequences. */
  readonly text: string;
}

export interface LogFile {
  readonly path: GuestPath;
  /** Of an agent's own log every line; of a log of the system the lines that can concern an agent. */
  readonly lines: readonly LogLine[];
  /** Why it was not read; then there are no lines. */
  readonly unread?: string;
}

const mebibyte = 1024 * 1024;
const limit = 32 * mebibyte;

/** The agent's own log and what logrotate makes of it: `.1`, or `-20151218` with its `dateext`; none compressed. */
const ownLog = /^nova-agent\.log(?:\.\d+|-\d+)?$/;

/** Where syslog daemons, the kernel, upstart and Debian's package tools write. */
const systemLogs: readonly GuestPath[] = [
  '/var/log/syslog',
  '/var/log/messages',
  '/var/log/kern.log',
  '/var/log/daemon.log',
  '/var/log/dpkg.log',
  '/var/log/apt/term.log',
  '/var/log/upstart/nova-agent.log',
];

/** Where cloud-init keeps what came of its last run. */
const cloudInitResult: GuestPath = '/var/lib/cloud/data/result.json';

/** A line that names the agent, what insserv says of scripts, or systemd of a cycle that it breaks. */
const concernsAgent = /nova-agent|insserv|ordering cycle/;

/** The logs that can carry a nova-agent's last words: its own, and the system's where they name it. */
export const agentLogs: Fact<readonly LogFile[]> = {
  name: 'agent-log',
  inputs: ['/var/log/nova-agent.log*', ...systemLogs, cloudInitResult].map((glob) => ({ glob, limit })),
  async gather(image) {
    const names = (await image.readDir('/var/log')) ?? [];
    const own = names.filter(isLog).map(({ name }) => join('/var/log', name));
    const files = await Promise.all([
      ...[...own, cloudInitResult].map((path) => readLog(image, path, () => true)),
      ...systemLogs.map((path) => readLog(image, path, (line) => concernsAgent.test(line))),
    ]);
    return files.filter((file) => file !== undefined);
  },
};

function isLog({ name, type }: DirectoryEntry): boolean {
  return ownLog.test(name) && type !== 'directory';
}

async function readLog(
  image: Image,
  path: GuestPath,
  keep: (line: string) => boolean,
): Promise<LogFile | undefined> {
  const entry = await image.stat(path);
  if (entry?.type === 'file' && entry.size > limit) {
    return {
      path,
      lines: [],
      unread: `it has ${entry.size} bytes, more than the ${limit} that are read of a log`,
    };
  }
  const text = await image.readText(path, limit);
  if (text === undefined) return undefined;
  const lines: LogLine[] = [];
  let number = 0;
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    number += 1;
    const line = text.slice(start, end);
    if (keep(line)) lines.push({ number, text: line });
    start = end + 1;
  }
  return { path, lines };
}
