import assert from 'node:assert/strict';
import fc from 'fast-check';
import { visible, visibleLines } from '../../../images/base/visible.js';
import { explainText, listText } from '../../../pipeline/report/explain.js';
import { columnsFor, fill, widthOf } from '../../../pipeline/report/fill.js';
import { nextSteps } from '../../../pipeline/report/next-steps.js';
import { planText } from '../../../pipeline/report/plan.js';
import type { Report } from '../../../pipeline/report/report.js';
import { placeOf } from '../../../pipeline/report/result-words.js';
import { text } from '../../../pipeline/report/text.js';
import {
  failedRehearsal,
  hostileRehearsal,
  impossibleRehearsal,
  passedRehearsal,
} from './rehearsal-samples.js';
import { wideReport } from './samples-wide.js';
import { failingReport, goldenReport, hostileReport, incompleteReport, planReport } from './samples.js';

const samples: Readonly<Record<string, () => Report>> = {
  golden: goldenReport,
  failing: failingReport,
  plan: planReport,
  incomplete: incompleteReport,
  hostile: hostileReport,
  'rehearsal-passed': passedRehearsal,
  'rehearsal-failed': failedRehearsal,
  'rehearsal-impossible': impossibleRehearsal,
  'rehearsal-hostile': hostileRehearsal,
  wide: wideReport,
};

const widths = [20, 40, 80, 160];

/** The columns of a text, found by other means than the code under test: Unicode's blocks of wide characters. */
function columnsOf(line: string): number {
  const wide =
    /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60]|\p{Emoji_Presentation}/u;
  let columns = 0;
  for (const character of line) columns += /\p{M}/u.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return columns;
}

/** What may not be broken though it has spaces: places, paths, commands, lines of a diff, values of properties. */
function wholes(report: Report): string[] {
  const states = report.properties.changes.flatMap(({ was, value }) => [
    JSON.stringify(was),
    JSON.stringify(value),
  ]);
  return [
    report.image.source,
    report.output?.path,
    ...report.results.flatMap(({ findings }) => findings.map(placeOf)),
    ...report.changes.map(({ path }) => path),
    ...report.properties.changes.map(({ name }) => name),
    ...states,
    ...nextSteps(report).flatMap(({ run }) => run),
  ]
    .filter((whole) => whole !== undefined)
    .map(visible)
    .concat(report.changes.flatMap(({ diff }) => visibleLines(diff ?? '')))
    .sort((a, b) => b.length - a.length);
}

/** Labels and columns that stand before a text; what follows them has nowhere else to go. */
const before =
  /^(?: *\d+\.\d{3} s +(?:\d+\.\d{3} s +)?\w+ +(?:(?:FAILED|passed|unproven) +)?| *(?:check|plan|prepare|rehearse|image|target|error|warning|info|unjudged|left out|repaired|waived|rehearsal|FAILED|unproven|passed|why:|do:|seen:|not proven:|property|-) +| +)/;

/** A line is too long only where it is one word that nobody may break. */
function assertFits(line: string, columns: number, whole: readonly string[]): void {
  if (columnsOf(line) <= columns) return;
  let joined = line;
  for (const each of whole) joined = joined.replaceAll(each, each.replaceAll(' ', '_'));
  joined = joined.replace(/`[^`]{1,80}`|"hallmark [^"]{1,80}"/g, (command) => command.replaceAll(' ', '_'));
  assert.doesNotMatch(joined.replace(before, ''), / /, `${columnsOf(line)} of ${columns} columns: ${line}`);
}

const wordsOf = (written: string): string[] => written.split(/[ \n]+/).filter((word) => word !== '');

describe('text at any width', () => {
  for (const [name, make] of Object.entries(samples)) {
    for (const columns of widths) {
      it(`keeps the report "${name}" within ${columns} columns`, () => {
        const report = make();
        const whole = wholes(report);
        for (const line of text(report, { columns }).split('\n')) assertFits(line, columns, whole);
        for (const line of planText(report, { columns }).split('\n')) assertFits(line, columns, whole);
        for (const line of listText(report.rules, { columns }).split('\n')) assertFits(line, columns, []);
        for (const { id } of report.rules) {
          for (const line of explainText(id, report.rules, { columns }).split('\n'))
            assertFits(line, columns, []);
        }
      });
    }

    it(`says the same words of the report "${name}" at any width`, () => {
      const report = make();
      const { rehearsal } = report;
      // A narrow terminal has no room for the columns of the timeline, whose order is another.
      const untimed = rehearsal ? { ...report, rehearsal: { ...rehearsal, timeline: [] } } : report;
      for (const columns of widths) {
        const one = columns < 60 ? untimed : report;
        assert.deepEqual(wordsOf(text(one, { columns })), wordsOf(text(one, { columns: 1e6 })));
        assert.deepEqual(wordsOf(planText(one, { columns })), wordsOf(planText(one, { columns: 1e6 })));
      }
    });
  }

  it('has the same colours and words at any width', () => {
    for (const columns of widths) {
      for (const make of [failingReport, failedRehearsal]) {
        const coloured = text(make(), { columns, color: true });
        assert.equal(coloured.replace(/\u001b\[\d+m/g, ''), text(make(), { columns }));
        assert.match(coloured, /\u001b\[31merror/);
      }
    }
  });

  it('gives no more than one column of a timeline in a narrow terminal', () => {
    assert.match(
      text(failedRehearsal(), { columns: 40 }),
      /\n22\.200 s, took 30\.000 s: command FAILED:\n {2}password of root: no answer within 30\n {2}s; the request was removed\n/,
    );
  });

  it('is 80 columns wide unless a terminal says otherwise', () => {
    assert.equal(text(failingReport()), text(failingReport(), { columns: 80 }));
    assert.deepEqual(
      [
        columnsFor({}),
        columnsFor({ columns: 120 }),
        columnsFor({ isTTY: true }),
        columnsFor({ isTTY: true, columns: 0 }),
        columnsFor({ isTTY: true, columns: 7 }),
        columnsFor({ isTTY: true, columns: 100 }),
        columnsFor({ isTTY: true, columns: 5000 }),
      ],
      [80, 80, 80, 80, 20, 100, 160],
    );
  });
});

describe('fill', () => {
  it('breaks at spaces, indents, and keeps paragraphs', () => {
    assert.equal(fill('one two three', 10, 'a: '), 'a: one two\n   three');
    assert.equal(fill('one\ntwo\n\nthree', 80, '  '), '  one two\n\n  three');
    assert.equal(fill('', 80, '  '), '');
  });

  it('leaves a label alone in its line when that gives the next word more room', () => {
    assert.equal(fill('/etc/openvpn', 20, 'rehearsal ', '  '), 'rehearsal\n  /etc/openvpn');
    assert.equal(fill('/etc/openvpn', 14, '          '), '          /etc/openvpn');
  });

  it('keeps a command that a sentence quotes, and words that are given as such', () => {
    assert.equal(fill('say "hallmark undo x": `a b c`.', 12), 'say\n"hallmark undo x":\n`a b c`.');
    assert.equal(fill(['Written:', 'a b', '(1', 'byte)'], 12), 'Written: a b\n(1 byte)');
  });

  it('counts columns, not characters, and leaves every character as it is', () => {
    const cases: readonly (readonly [string, number])[] = [
      ['abc', 3],
      ['日本語', 6],
      ['한글', 4],
      ['cafe\u0301', 4],
      ['😀', 2],
      ['ｆｕ', 4],
      ['“naïve”…', 8],
      ['©\ufe0f', 2],
      ['', 0],
    ];
    for (const [word, width] of cases) assert.equal(widthOf(word), width, word);
    assert.equal(fill('日本 日本 日本', 9), '日本 日本\n日本');
    // Composed, it would be the name of another file.
    assert.equal(fill('/srv/cafe\u0301', 20), '/srv/cafe\u0301');
    assert.equal(fill('/srv/a\u00a0b', 20), '/srv/a\u00a0b');
  });

  it('never exceeds the width but for a word that is longer, and loses no word', () => {
    const word = fc.oneof(
      fc.stringMatching(/^[a-z/.:]{1,30}$/),
      fc.stringMatching(/^[あ-んア-ン一-三가-각]{1,12}$/),
      fc.stringMatching(/^(?:[aeo]\u0301){1,12}$/),
      fc.constantFrom('😀', '😀😀😀😀', 'x\u0301\u0302'),
    );
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1 }),
        fc.integer({ min: 20, max: 160 }),
        fc.integer({ min: 0, max: 12 }),
        (words, columns, indent) => {
          const lines = fill(words.join(' '), columns, ' '.repeat(indent)).split('\n');
          for (const line of lines) {
            assert.ok(columnsOf(line) <= columns || !line.trim().includes(' '), line);
            assert.match(line, new RegExp(`^ {${indent}}[^ ]`));
          }
          assert.deepEqual(wordsOf(lines.join('\n')), words);
        },
      ),
    );
  });
});
