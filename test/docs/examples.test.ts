import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { debian6 } from '../guests/debian6.js';
import { dayAndPlace } from '../support/command.js';
import { isOn } from '../support/switches.js';
import { inProject, program, project } from '../support/project.js';
import { packTarball } from '../support/tarballs.js';
import { type Page, isGenerated, pageOf, pages } from './pages.js';

/** A block that shows commands, and what each of them prints. */
const shown = /^```console\n([^]*?)^```$/gm;

/** The day of the demonstration: it goes into what a repair writes, and so into the digest of its output. */
const sourceDate = '1369569600';

/**
 * Every `console` block is run, command by command, in a folder of its page's own: beside the broken image of `npm start`
 * lie the files that the page shows (blocks with a name after their language).
 */
describe('the examples of the documentation', () => {
  let folder: string;
  const withExamples = pages().filter(
    (page) => !isGenerated(page) && page.blocks.some(({ language }) => language === 'console'),
  );
  /** By path, each page as it should be. The pages know nothing of each other, so all of them run at once. */
  const running = new Map<string, Promise<string>>();

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'hallmark-docs-'));
    const programs = path.join(folder, 'bin');
    mkdirSync(programs);
    writeFileSync(
      path.join(programs, 'hallmark'),
      `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`,
    );
    chmodSync(path.join(programs, 'hallmark'), 0o755);
    symlinkSync(process.execPath, path.join(programs, 'node'));
    await packTarball(debian6, path.join(folder, 'debian6-broken.tar.gz'), { gzip: true });
    for (const page of withExamples) running.set(page.path, withRealOutput(page));
    await Promise.allSettled(running.values());
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('are many', () => {
    const found = withExamples.map((page) => page.path);
    for (const name of ['README.md', 'docs/library.md', 'docs/commands/undo.md'])
      assert(found.includes(name), name);
  });

  for (const page of withExamples) {
    it(`print what ${page.path} says`, async () => {
      const real = await running.get(page.path);
      assert(real !== undefined);
      // UPDATE_DOCS=1 writes what the commands really print.
      if (isOn('UPDATE_DOCS')) writeFileSync(inProject(page.path), real);
      else assert.equal(page.text, real);
    });
  }

  it('are compared command by command', async () => {
    const text = "```console\n$ printf 'a\\nb\\n'\nwrong\n$ echo c >&2\n```\n";
    assert.equal(
      await withRealOutput(pageOf('docs/sample.md', text)),
      "```console\n$ printf 'a\\nb\\n'\na\nb\n$ echo c >&2\nc\n```\n",
    );
  });

  /** A folder with the image, the page's files, and the package as a program would find it. */
  function scratchFor(page: Page): string {
    const scratch = path.join(folder, page.path.replaceAll('/', '-'));
    mkdirSync(path.join(scratch, 'node_modules'), { recursive: true });
    symlinkSync(project, path.join(scratch, 'node_modules', 'hallmark-image'));
    copyFileSync(path.join(folder, 'debian6-broken.tar.gz'), path.join(scratch, 'debian6-broken.tar.gz'));
    for (const { file, text } of page.blocks)
      if (file !== undefined) writeFileSync(path.join(scratch, file), text);
    return scratch;
  }

  async function withRealOutput(page: Page): Promise<string> {
    const scratch = scratchFor(page);
    let real = '';
    let at = 0;
    for (const match of page.text.matchAll(shown)) {
      const [whole, block = ''] = match;
      real += `${page.text.slice(at, match.index)}\`\`\`console\n`;
      for (const line of block.split('\n'))
        if (line.startsWith('$ ')) real += `${line}\n${await outputOf(line.slice(2), scratch)}`;
      real += '```';
      at = match.index + whole.length;
    }
    return real + page.text.slice(at);
  }

  /** What a person at a terminal sees: both streams, in the order in which they were written. */
  async function outputOf(command: string, cwd: string): Promise<string> {
    const env = {
      ...dayAndPlace,
      PATH: `${folder}/bin:${process.env['PATH'] ?? ''}`,
      HOME: cwd,
      XDG_STATE_HOME: path.join(cwd, '.state'),
      SOURCE_DATE_EPOCH: sourceDate,
    };
    const shell = spawn('sh', ['-c', `exec 2>&1\n${command}`], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ended = once(shell, 'close');
    const output = await textOf(shell.stdout);
    await ended;
    assert(!output.includes(folder), `${command} prints the path of a scratch folder`);
    return output === '' || output.endsWith('\n') ? output : `${output}\n`;
  }
});
