import type { Block, Page } from './pages.js';

/** A command line that a page names. */
export interface NamedCommand {
  /** Without `hallmark` itself. */
  readonly args: readonly string[];
  /** Whether it is code in a sentence, which may leave out its operands. */
  readonly inline: boolean;
  /** `docs/images.md:12` */
  readonly where: string;
}

/** How the command is called in the pages: installed, by npx, or as the standalone file. */
const call = /(?:^|[\s"'`(])(?:(?:\.\/)?hallmark|npx (?:--yes )?hallmark-image(?:@\S+)?)(?= )/;

const withCommands = ['sh', 'console', 'yaml'];

/** Every call of `hallmark` in a page's blocks of commands and in its prose. */
export function hallmarkCommands(page: Page): NamedCommand[] {
  const found: NamedCommand[] = [];
  for (const block of page.blocks.filter(({ language }) => withCommands.includes(language)))
    for (const { text, number } of commandLines(block))
      found.push(...callsIn(text, false, `${page.path}:${number}`));
  for (const { text, number } of page.prose)
    for (const [, code = ''] of text.matchAll(/`([^`]+)`/g))
      if (code.startsWith('hallmark ')) found.push(...callsIn(code, true, `${page.path}:${number}`));
  return found;
}

/** Every script that a page runs by npm. */
export function npmScripts({ text }: Page): string[] {
  const named = [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name = '']) => name);
  return [
    ...named,
    ...(/\bnpm test\b/.test(text) ? ['test'] : []),
    ...(/\bnpm start\b/.test(text) ? ['start'] : []),
  ];
}

/** The lines of a block that are commands, those that go on in the next line joined. */
function commandLines({ language, text, line }: Block): { text: string; number: number }[] {
  const lines: { text: string; number: number }[] = [];
  let isContinued = false;
  for (const [at, each] of text.split('\n').entries()) {
    const command = language === 'console' ? each.replace(/^\$ /, '') : each;
    const isCommand = isContinued || language !== 'console' || each.startsWith('$ ');
    if (!isCommand) continue;
    const last = lines.at(-1);
    if (isContinued && last) last.text += ` ${command.replace(/\\$/, '')}`;
    else lines.push({ text: command.replace(/\\$/, ''), number: line + at });
    isContinued = command.endsWith('\\');
  }
  return lines;
}

function callsIn(line: string, inline: boolean, where: string): NamedCommand[] {
  return line
    .replace(/(^|\s)#.*$/, '')
    .split(/&&|\|\||[;|]/)
    .flatMap((part) => {
      const match = call.exec(part);
      if (!match) return [];
      const rest = part.slice(match.index + match[0].length).replace(/\d*[<>].*$/, '');
      return [{ args: words(rest), inline, where }];
    });
}

/** The words of a simple command, as a shell takes them apart; an ellipsis stands for nothing. */
function words(text: string): string[] {
  const found = [...text.matchAll(/"([^"]*)"|'([^']*)'|([^\s"']+)/g)];
  return found
    .map(([, double, single, plain]) => double ?? single ?? plain ?? '')
    .filter((word) => word !== '…');
}
