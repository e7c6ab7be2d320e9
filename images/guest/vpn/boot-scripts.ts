import { commentOut, joinLines, offMarker, splitLines } from '../../formats/lines.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import { textAt, textsIn } from '../texts.js';
import type { Vpn } from './vpn.js';
import { vpnProgramIn } from './commands.js';
import type { Mechanism } from './mechanism.js';
import { rewrite } from './rewrite.js';

/** Scripts of the administrator that the last step of a boot runs, when they are executable. */
const scripts: readonly GuestPath[] = ['/etc/rc.local', '/etc/rc.d/rc.local', '/etc/init.d/boot.local'];

const crontabs: readonly GuestPath[] = [
  '/etc/cron.d',
  '/var/spool/cron/crontabs',
  '/var/spool/cron',
  '/var/spool/cron/tabs',
];

/** Lines of rc.local, and cron's @reboot lines, that bring a VPN up. */
export const bootScripts: Mechanism = {
  inputs: [...scripts, '/etc/crontab', ...crontabs.map((directory) => `${directory}/*`)],
  async find({ image }) {
    return [...(await localScripts(image)), ...(await rebootLines(image))];
  },
};

async function localScripts(image: Image): Promise<Vpn[]> {
  const found = new Map<string, Vpn>();
  for (const path of scripts) {
    const entry = await image.stat(path);
    if (entry?.type !== 'file' || (entry.mode & 0o111) === 0) continue;
    const real = String(await image.realPath(path));
    for (const { text } of await textAt(image, path)) {
      for (const { product, line, raw } of scriptCommands(text)) {
        found.set(`${real}:${line}`, {
          product,
          name: product,
          evidence: { path, line },
          how: `${path} runs it at the end of the boot`,
          tunnelLink: true,
          disable: (now) => silence(now, path, raw),
        });
      }
    }
  }
  return [...found.values()];
}

interface ScriptCommand {
  readonly product: string;
  /** Counted from 1; the first of a command that goes on over several lines. */
  readonly line: number;
  readonly last: number;
  readonly raw: string;
}

/** What a script runs before it leaves by an `exit` at its margin. */
function scriptCommands(text: string): ScriptCommand[] {
  const lines = splitLines(text);
  const found: ScriptCommand[] = [];
  for (let at = 0; at < lines.length; at++) {
    const first = at;
    let raw = lines[at]?.text ?? '';
    while (raw.endsWith('\\') && at + 1 < lines.length) {
      at += 1;
      raw = `${raw.slice(0, -1)} ${lines[at]?.text ?? ''}`;
    }
    if (/^exit\b/.test(raw)) break;
    const product = vpnProgramIn(raw);
    if (product !== undefined) found.push({ product, line: first + 1, last: at + 1, raw });
  }
  return found;
}

/**
 * Turns a command into `:` with a comment, so that an `if` around it keeps a body. A line that opens or closes such
 * a construct cannot go alone.
 */
async function silence(image: Image, path: GuestPath, raw: string): Promise<Change[]> {
  if (
    /(?:^|[\s;])(?:if|then|else|elif|fi|for|while|until|do|done|case|esac|\{|\})(?:[\s;]|$)|<<|\(\s*\)/.test(
      raw,
    )
  ) {
    return rewrite(image, path, () => undefined);
  }
  return rewrite(image, path, (text) => {
    const lines = splitLines(text);
    for (const { line, last, raw: other } of scriptCommands(text)) {
      if (other !== raw) continue;
      for (let at = line - 1; at < last; at++) {
        const old = lines[at];
        // A comment that ends in a backslash is a comment all the same: it joins nothing in a shell.
        if (old) lines[at] = { ...old, text: `${at === line - 1 ? ': ' : ''}${offMarker}${old.text}` };
      }
    }
    return joinLines(lines);
  });
}

async function rebootLines(image: Image): Promise<Vpn[]> {
  const files = await textAt(image, '/etc/crontab');
  for (const directory of crontabs)
    files.push(...(await textsIn(image, directory, (name) => !name.startsWith('.'))));
  return files.flatMap(({ path, text }) =>
    rebootCommands(text).map(({ product, line, raw }) => ({
      product,
      name: product,
      evidence: { path, line },
      how: 'cron runs it at each boot (@reboot)',
      tunnelLink: true,
      disable: (now: Image) =>
        rewrite(now, path, (was) => {
          const same = rebootCommands(was).filter((other) => other.raw === raw);
          return commentOut(
            was,
            same.map((other) => other.line),
          );
        }),
    })),
  );
}

function rebootCommands(text: string): { product: string; line: number; raw: string }[] {
  return splitLines(text).flatMap(({ text: raw }, at) => {
    const rest = /^\s*@reboot\s+(.*)$/s.exec(raw)?.[1];
    if (rest === undefined) return [];
    // In a system's crontab the user's name comes before the command.
    const product = vpnProgramIn(rest) ?? vpnProgramIn(rest.replace(/^\S+\s+/, ''));
    return product === undefined ? [] : [{ product, line: at + 1, raw }];
  });
}
