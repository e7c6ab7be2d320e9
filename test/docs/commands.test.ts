import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type Command, CommanderError } from 'commander';
import { parse } from 'yaml';
import { commandLine } from '../../pipeline/cli/arguments.js';
import type { Terminal } from '../../pipeline/cli/terminal.js';
import { parseScenario } from '../../pipeline/rehearse/scenario-file.js';
import { inProject } from '../support/project.js';
import { hallmarkCommands, npmScripts } from './commands.js';
import { pageOf, pages } from './pages.js';

describe('the commands that the documentation names', () => {
  it('are understood by the command line', async () => {
    const wrong: string[] = [];
    let count = 0;
    for (const page of pages()) {
      for (const { args, inline, where } of hallmarkCommands(page)) {
        count += 1;
        const problem = await whatIsWrongWith(args, inline);
        if (problem !== undefined) wrong.push(`${where}: hallmark ${args.join(' ')}: ${problem}`);
      }
    }
    assert.deepEqual(wrong, []);
    assert(count > 80, `${count} were found`);
  });

  it('are scripts of the package, where npm runs them', () => {
    const { scripts } = JSON.parse(readFileSync(inProject('package.json'), 'utf8')) as { scripts: object };
    const unknown = pages().flatMap((page) =>
      npmScripts(page)
        .filter((name) => !(name in scripts))
        .map((name) => `${page.path}: npm run ${name}`),
    );
    assert.deepEqual(unknown, []);
  });

  it('are found wherever they stand', () => {
    const page = pageOf(
      'docs/sample.md',
      [
        'First `hallmark list`, then `npm run generate`.',
        ...[
          '```sh',
          'ssh -t root@example.org ./hallmark rescue --yes  # now',
          'hallmark plan a.tar \\',
          '  --json | jq',
          '```',
        ],
        ...['```yaml', '- run: npx hallmark-image check "a b.tar"', '```'],
        ...['```console', '$ hallmark check x 3< in > out; echo $?', 'hallmark no command', '```'],
      ].join('\n'),
    );
    assert.deepEqual(
      hallmarkCommands(page).map(({ args, where }) => [where, ...args]),
      [
        ['docs/sample.md:3', 'rescue', '--yes'],
        ['docs/sample.md:4', 'plan', 'a.tar', '--json'],
        ['docs/sample.md:8', 'check', 'a b.tar'],
        ['docs/sample.md:11', 'check', 'x'],
        ['docs/sample.md:1', 'list'],
      ],
    );
    assert.deepEqual(npmScripts(page), ['generate']);
  });

  it('are refused where the command line would refuse them', async () => {
    assert.match((await whatIsWrongWith(['chekc', 'x'], false)) ?? '', /unknown command/);
    assert.match((await whatIsWrongWith(['check', 'x', '--fast'], true)) ?? '', /unknown option/);
    assert.match((await whatIsWrongWith(['check', 'x', '--format', 'pdf'], false)) ?? '', /pdf/);
    assert.match((await whatIsWrongWith(['check'], false)) ?? '', /missing required argument/);
    assert.equal(await whatIsWrongWith(['check'], true), undefined);
    assert.equal(await whatIsWrongWith(['check', 'x', '--help'], false), undefined);
  });
});

describe('the files that the documentation shows', () => {
  const yamls = pages().flatMap((page) =>
    page.blocks.filter(({ language }) => language === 'yaml').map((block) => ({ page, block })),
  );

  it('are YAML where they say so', () => {
    assert(yamls.length > 4);
    for (const { page, block } of yamls)
      assert.doesNotThrow(() => parse(block.text) as unknown, `${page.path}:${block.line}`);
  });

  it('are scenarios in the page on rehearsals', async () => {
    const scenarios = yamls.filter(({ page, block }) => page.path === 'docs/rehearsal.md' && block.file);
    assert(scenarios.length > 0);
    for (const { page, block } of scenarios) await parseScenario(block.text, page.path);
  });
});

/** What does no harm: a help text, the version, and in a sentence a command without what it is about. */
const harmless = ['commander.helpDisplayed', 'commander.version'];
const harmlessInline = ['commander.help', 'commander.missingArgument'];

/** Nobody reads what is printed, and nobody answers. */
const silent: Terminal = {
  version: '0',
  color: false,
  columns: 80,
  interactive: false,
  signal: new AbortController().signal,
  interruptedBy: () => undefined,
  undelivered: () => undefined,
  out: () => undefined,
  err: () => undefined,
  say: () => undefined,
  progress: () => undefined,
  ask: async () => false,
  askLine: async () => undefined,
  askSecret: async () => undefined,
};

/** What the real command line says of these arguments, which it reads without doing anything. */
async function whatIsWrongWith(args: readonly string[], inline: boolean): Promise<string | undefined> {
  const program = commandLine(silent, () => undefined);
  for (const command of all(program)) command.action(() => undefined);
  try {
    await program.parseAsync(args, { from: 'user' });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if ([...harmless, ...(inline ? harmlessInline : [])].includes(error.code)) return undefined;
    return error.message;
  }
}

/** The commands that do something: those without commands of their own. */
function all(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(all);
}
