import assert from 'node:assert/strict';
import type { Rehearsal } from '../../../pipeline/report/rehearsal.js';
import { render } from '../../../pipeline/report/index.js';
import { wellFormed } from '../../support/well-formed.js';
import {
  failedRehearsal,
  hostileRehearsal,
  impossibleRehearsal,
  passedRehearsal,
} from './rehearsal-samples.js';

/** Nothing was refuted, but a command was not answered. */
function unanswered(): ReturnType<typeof failedRehearsal> {
  const report = failedRehearsal();
  return { ...report, rehearsal: { ...report.rehearsal!, evidence: [] } };
}

describe('a rehearsal as text', () => {
  it('tells each claim with what was seen, the failed ones first, and what was not proven', async () => {
    const text = await render('text', failedRehearsal());
    const places = ['\nFAILED  ', '\nunproven  ', '\npassed  '].map((label) => text.indexOf(label));
    assert.equal(places.includes(-1), false);
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
    assert.match(
      text,
      /\nFAILED {4}expected: root's password is .* \[password\]\n {10}seen: {5}the hash in \/etc\/shadow/,
    );
    assert.match(text, /\nunproven {2}nova-agent was started .*\n {10}not proven: the journal has no times/);
    assert.match(text, /3 claims: 1 failed, 1 not proven, 1 passed\./);
  });

  it('aligns the timeline, and marks what failed', async () => {
    const text = await render('text', failedRehearsal());
    const lines = text.split('\n').filter((line) => /^ *\d+\.\d{3} s /.test(line));
    assert.equal(lines.length, failedRehearsal().rehearsal?.timeline.length);
    for (const line of lines) assert.match(line.slice(19), /^ {2}(boot|start|command|evidence) /);
    assert.match(
      text,
      /\n 22\.200 s {2}30\.000 s {2}command {3}FAILED {2}password of root: no answer within 30 s;\n/,
    );
    const coloured = await render('text', failedRehearsal(), { color: true });
    assert.match(coloured, /command {3}\u001b\[1m\u001b\[31mFAILED/);
    assert.equal(coloured.replace(/\u001b\[\d+m/g, ''), text);
  });

  it('says what keeps it from being held, and what to do', async () => {
    const text = (await render('text', impossibleRehearsal())).replace(/\s+/g, ' ');
    assert.match(text, /rehearsal impossible: systemd-nspawn is missing; install the Debian package/);
    assert.match(text, /INCOMPLETE The rehearsal could not run, so this image cannot be called golden\./);
    assert.match(
      text,
      /Resolve what prevented the rehearsal, then run it again: hallmark rehearse 'images\/debian 6/,
    );
  });

  it('says that enablement and order are not proven when no init was booted', async () => {
    const report = passedRehearsal();
    const rehearsal: Rehearsal = { ...report.rehearsal!, way: 'agent-alone' };
    const text = (await render('text', { ...report, rehearsal })).replace(/\s+/g, ' ');
    assert.match(text, /The agent was run without an init, so enablement and start order are not proven\./);
  });

  it('asks for the logs of the guest unless they were kept', async () => {
    const report = failedRehearsal();
    assert.match(await render('text', report), /--keep/);
    const kept = await render('text', { ...report, rehearsal: { ...report.rehearsal!, kept: 'out/guest' } });
    assert.doesNotMatch(kept, /--keep/);
    assert.match(kept, /Logs and changed files of the guest: out\/guest/);
  });
});

describe('a rehearsal as html', () => {
  it('draws every entry, and tells pass and fail by a mark, not by colour alone', async () => {
    const page = await render('html', failedRehearsal());
    const items = [...page.matchAll(/<g class="item (\w+) \w+">(.*?)<\/g>/gs)];
    assert.equal(items.length, failedRehearsal().rehearsal?.timeline.length);
    for (const [, outcome, inner] of items) {
      assert.equal(inner?.includes('class="mark"'), outcome !== 'other');
    }
    assert.match(
      page,
      /<title>password of root at 22\.200 s, took 30\.000 s, failed: no answer within 30 s;/,
    );
  });

  it('lists what it does not draw, and draws nothing when nothing happened', async () => {
    const report = passedRehearsal();
    const many = Array.from({ length: 5000 }, (_, at) => ({
      atMs: at,
      kind: 'start' as const,
      what: `unit${at}.service`,
    }));
    const page = await render('html', { ...report, rehearsal: { ...report.rehearsal!, timeline: many } });
    assert.doesNotMatch(page, /<svg class="timeline"/);
    assert.match(page, /5000 events are too many to draw/);
    assert.match(page, /<th scope="row">unit4999\.service</);
    assert.doesNotMatch(await render('html', impossibleRehearsal()), /<svg class="timeline"/);
  });

  it('lets a guest add nothing to the drawing', async () => {
    const count = async (report: ReturnType<typeof failedRehearsal>, element: string): Promise<number> =>
      wellFormed(await render('html', report), { html: true }).elements.get(element) ?? 0;
    const report = hostileRehearsal();
    const { rehearsal } = report;
    const tame = {
      ...rehearsal!,
      timeline: rehearsal!.timeline.map((entry) => ({ ...entry, what: 'x', detail: 'x' })),
    };
    for (const element of ['title', 'text', 'g', 'path', 'tr'])
      assert.equal(await count(report, element), await count({ ...report, rehearsal: tame }, element));
  });
});

describe('a rehearsal as junit', () => {
  it('is a suite of its own, whose numbers are those of its cases', async () => {
    const xml = await render('junit', failedRehearsal());
    assert.match(
      xml,
      /<testsuite name="rehearsal of images\/debian 6\.tar\.gz" tests="4" failures="2" errors="0" skipped="1">/,
    );
    assert.match(xml, /<testsuites name="hallmark" tests="11" failures="6" errors="0" skipped="2">/);
    assert.match(xml, /name="rehearsal\/started-after-xe"><skipped message="not proven: the journal/);
  });

  it('is an error when it could not be held', async () => {
    assert.match(
      await render('junit', impossibleRehearsal()),
      /name="rehearsal"><error type="rehearsal" message="the rehearsal could not run: systemd-nspawn/,
    );
  });
});

describe('a rehearsal as tap', () => {
  it('has a point for the whole and for each claim, and skips what was not proven', async () => {
    const text = await render('tap', failedRehearsal());
    assert.match(text, /^not ok 8 - rehearsal: /m);
    assert.match(
      text,
      /^not ok 10 - rehearsal\/password: expected: root's .*\n {2}---\n {2}outcome: fail\n {2}expected: "root's .*"\n {2}seen: "the hash/m,
    );
    assert.match(
      text,
      /^ok 11 - rehearsal\/started-after-xe: .* # SKIP not proven: the journal has no times/m,
    );
    assert.match(
      await render('tap', impossibleRehearsal()),
      /^not ok 8 - .*\n {2}---\n {2}outcome: impossible\n {2}seen: "systemd-nspawn is missing/m,
    );
  });

  it('fails when a command was not answered, though nothing was refuted', async () => {
    assert.match(
      await render('tap', unanswered()),
      /^not ok 8 - rehearsal: .*\n.*\n.*\n.*\n {2}seen: "password of/m,
    );
  });
});

interface SarifRun {
  readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
  readonly invocations: readonly [
    {
      readonly executionSuccessful: boolean;
      readonly exitCode: number;
      readonly toolExecutionNotifications: readonly { readonly message: { readonly text: string } }[];
    },
  ];
  readonly results: readonly {
    readonly ruleId: string;
    readonly ruleIndex: number;
    readonly message: { readonly text: string };
    readonly partialFingerprints: Readonly<Record<string, string>>;
  }[];
}

describe('a rehearsal as sarif', () => {
  const runOf = async (report: ReturnType<typeof failedRehearsal>): Promise<SarifRun> =>
    (JSON.parse(await render('sarif', report)) as { readonly runs: readonly [SarifRun] }).runs[0];

  it('has a result for each claim that was refuted, under a rule of its own', async () => {
    const run = await runOf(failedRehearsal());
    const results = run.results.filter(({ ruleId }) => ruleId === 'rehearsal');
    assert.equal(results.length, 1);
    assert.match(
      results[0]!.message.text,
      /^expected: root's password is the one that was sent; seen: the hash/,
    );
    assert.equal(run.tool.driver.rules[results[0]!.ruleIndex]?.id, 'rehearsal');
    assert.deepEqual([run.invocations[0].exitCode, run.invocations[0].executionSuccessful], [1, true]);
  });

  it('says why it failed when nothing was refuted', async () => {
    const { results } = await runOf(unanswered());
    assert.match(results.find(({ ruleId }) => ruleId === 'rehearsal')!.message.text, /^password of root: no/);
  });

  it('knows a refuted claim again, whatever was seen instead', async () => {
    const report = failedRehearsal();
    const evidence = report.rehearsal!.evidence.map((claim) => ({ ...claim, seen: 'something else' }));
    const again = { ...report, rehearsal: { ...report.rehearsal!, evidence } };
    const prints = await Promise.all(
      [report, again].map(async (one) => (await runOf(one)).results.map((each) => each.partialFingerprints)),
    );
    assert.deepEqual(prints[0], prints[1]);
  });

  it('did not succeed when it could not be held', async () => {
    const [{ executionSuccessful, exitCode, toolExecutionNotifications }] = (
      await runOf(impossibleRehearsal())
    ).invocations;
    assert.deepEqual([executionSuccessful, exitCode], [false, 3]);
    assert.match(toolExecutionNotifications[0]!.message.text, /^the rehearsal could not run: systemd-nsp/);
  });
});

describe('a rehearsal as markdown', () => {
  it('has a table of what was not proven, each claim a row whatever the guest says', async () => {
    const text = await render('markdown', hostileRehearsal());
    const rows = text.split('\n').filter((line) => /^\| (FAILED|not proven|passed) /.test(line));
    assert.equal(rows.length, 33);
    for (const row of rows) assert.equal(row.match(/(?<!\\)\|/g)?.length, 5, row);
  });

  it('fits into a comment, and says what it left out', async () => {
    const report = passedRehearsal();
    const [first] = report.rehearsal!.timeline;
    const timeline = Array.from({ length: 2000 }, () => first!);
    const text = await render('markdown', { ...report, rehearsal: { ...report.rehearsal!, timeline } });
    assert.ok(text.length < 65_536, String(text.length));
    assert.match(text, /The timeline of the rehearsal did not fit here/);
  });
});
