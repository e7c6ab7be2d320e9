import { joinLines, offMarker, splitLines } from '../../formats/lines.js';
import { type ShellCommand, type ShellWorld, shellCommands } from '../../formats/shell-commands.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import { rewrite } from './rewrite.js';

/**
 * Turns every command of a script that reads like this one into `:`, so that whatever stands around it stays a script. A
 * command that has its lines to itself stays behind as a comment.
 * @param raw - the command as it is written
 * @throws {ImageError} code `unsupported` for a command that takes a here-document: its text would become commands
 */
export async function silence(
  image: Image,
  path: GuestPath,
  raw: string,
  world: ShellWorld,
): Promise<Change[]> {
  const text = await image.readText(path);
  const commands = await shellCommands(text ?? '', world);
  return rewrite(image, path, (now) => {
    if (raw.includes('<<')) return undefined;
    const places = new Map(
      commands
        .filter(({ start, end }) => now.slice(start, end) === raw)
        .map((command) => [command.start, command]),
    );
    // From the last to the first: the places of the earlier ones stay what they are.
    return [...places.values()].sort((a, b) => b.start - a.start).reduce(withoutCommand, now);
  });
}

function withoutCommand(text: string, { start, end, line, last }: ShellCommand): string {
  const before = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  const [after = ''] = text.slice(end).split('\n', 1);
  if (before.trim() !== '' || !/^[ \t]*[&;]?[ \t]*(?:#.*)?\r?$/.test(after)) {
    return `${text.slice(0, start)}:${text.slice(end)}`;
  }
  const lines = splitLines(text);
  for (let at = line - 1; at < last; at++) {
    const old = lines[at];
    // A comment that ends in a backslash is a comment all the same: it joins nothing in a shell.
    if (old) lines[at] = { ...old, text: `${at === line - 1 ? ': ' : ''}${offMarker}${old.text}` };
  }
  return joinLines(lines);
}
