import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { explainText, listText } from '../../../pipeline/report/explain.js';
import type { Report } from '../../../pipeline/report/report.js';
import { formats, render, renderAll, reporters } from '../../../pipeline/report/index.js';
import { planText } from '../../../pipeline/report/plan.js';
import { wellFormed } from '../../support/well-formed.js';
import {
  failedRehearsal,
  hostileRehearsal,
  impossibleRehearsal,
  passedRehearsal,
} from './rehearsal-samples.js';
import {
  failedRun,
  failingReport,
  goldenReport,
  hostile,
  hostileFailure,
  hostileReport,
  incompleteReport,
  planReport,
  unfinishedRun,
} from './samples.js';
import { sameAsFile } from '../../support/golden.js';

const samples: Readonly<Record<string, () => Report>> = {
  golden: goldenReport,
  failing: failingReport,
  plan: planReport,
  incomplete: incompleteReport,
  hostile: hostileReport,
  'failed-run': failedRun,
  'unfinished-run': unfinishedRun,
  'hostile-failure': hostileFailure,
  'rehearsal-passed': passedRehearsal,
  'rehearsal-failed': failedRehearsal,
  'rehearsal-impossible': impossibleRehearsal,
  'rehearsal-hostile': hostileRehearsal,
};

const sameAsGolden = (name: string, text: string): void => {
  sameAsFile(`test/pipeline/report/golden/${name}`, text, 'test/pipeline/report/formats.test.ts');
};

/** A tab or a line feed is all that a text for people may hold of what cannot be seen. */
const unseen = /[^\P{Cc}\t\n]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Points of a test protocol: the checks and, of a rehearsal, the whole and each claim. */
function points({ error, results, rehearsal }: Report): number {
  return (error ? 1 : 0) + results.length + (rehearsal ? 1 + rehearsal.evidence.length : 0);
}

describe('every format', () => {
  for (const [name, make] of Object.entries(samples)) {
    for (const format of formats) {
      it(`gives the same bytes for the report "${name}" as ${format}`, async () => {
        const text = await render(format, make());
        assert.equal(text, await render(format, make()));
        sameAsGolden(`${name}.${format}`, text);
      });
    }
    // Only a plan is shown as one: what it would change is not rehearsed, and a run that failed has none.
    if (make().rehearsal || make().error) continue;
    it(`gives the same plan for the report "${name}"`, async () => {
      sameAsGolden(`${name}.plan`, planText(make()));
    });
  }

  it('shows nothing of a hostile image that a terminal obeys or a reader cannot see', async () => {
    for (const report of [hostileReport(), hostileRehearsal()]) {
      for (const format of formats) assert.equal(unseen.exec(await render(format, report)), null, format);
    }
    assert.doesNotMatch(planText(hostileReport()), unseen);
  });

  it('has a file of its own in a folder of all', async () => {
    const files = await renderAll(goldenReport());
    assert.equal(files.size, formats.length);
    assert.deepEqual(
      [...files.keys()],
      formats.map((format) => reporters[format].fileName),
    );
  });
});

describe('text', () => {
  it('stays within 80 columns for an ordinary report', async () => {
    const ordinary = [goldenReport, failingReport, incompleteReport];
    for (const make of [...ordinary, failedRehearsal, impossibleRehearsal]) {
      for (const line of (await render('text', make())).split('\n')) assert.ok(line.length <= 80, line);
    }
  });

  it('puts the worst first and the verdict last', async () => {
    const text = await render('text', failingReport());
    const places = ['error ', 'warning ', 'info ', 'NOT GOLDEN', 'hallmark prepare '].map(
      (word) => text.lastIndexOf(`\n${word}`) + text.lastIndexOf(`  ${word}`),
    );
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
  });

  it('has colours only when asked for, and the same words then', async () => {
    const plain = await render('text', failingReport());
    const coloured = await render('text', failingReport(), { color: true });
    assert.equal(plain.includes('\u001b'), false);
    assert.match(coloured, /\u001b\[31merror/);
    assert.equal(coloured.replace(/\u001b\[\d+m/g, ''), plain);
    assert.equal(
      planText(planReport(), { color: true }).replace(/\u001b\[\d+m/g, ''),
      planText(planReport()),
    );
  });

  it('says of what was not judged that nobody knows, and does not claim that there is no agent', async () => {
    const text = await render('text', incompleteReport());
    assert.match(
      text,
      /unjudged {2}whether nova-agent starts at boot \[agent-enabled\]\n +\/etc\/init.d\/nova-agent is a fifo/,
    );
    assert.doesNotMatch(text, /no nova-agent/);
  });
});

describe('json', () => {
  it('is the report, to the last unseen character', async () => {
    for (const make of Object.values(samples))
      assert.deepEqual(JSON.parse(await render('json', make())), make());
  });
});

describe('html', () => {
  for (const [name, make] of Object.entries(samples)) {
    it(`is well-formed, and holds no element but its own, for the report "${name}"`, async () => {
      const page = await render('html', make());
      const { elements, attributes } = wellFormed(page, { html: true });
      for (const element of ['script', 'img', 'iframe', 'link', 'object', 'form', 'a'])
        assert.equal(elements.has(element), false, element);
      assert.deepEqual([elements.get('h1'), elements.get('main'), elements.get('title')! >= 1], [1, 1, true]);
      for (const name of attributes) assert.equal(/^(style|on.*|href|src|.*:href)$/.test(name), false, name);
    });
  }

  it('forbids everything but its own style', async () => {
    const page = await render('html', goldenReport());
    assert.match(
      page,
      /http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-[\w+/=]+';/,
    );
  });

  it('draws every node, and marks the edges of the cycle', async () => {
    const page = await render('html', planReport());
    assert.equal(page.match(/<g class="node /g)?.length, 7);
    assert.equal(page.match(/<g class="edge wrong">/g)?.length, 5);
    assert.equal(page.match(/<g class="edge given">/g)?.length, 4);
    assert.match(
      page,
      /<title>cloud-init.service before sysinit.target \(wrong\): Before=sysinit.target, \/lib\/systemd\/system\/cloud-init.service:13</,
    );
    assert.match(await render('html', failingReport()), /<g class="edge missing">/);
  });
});

describe('html with a huge boot graph', () => {
  it('lists what it does not draw', async () => {
    const ids = Array.from({ length: 5000 }, (_, at) => `unit${at}.service`);
    const edges = ids.map((first, at) => ({
      first,
      then: ids[(at + 1) % ids.length]!,
      because: 'After=',
      mark: 'wrong' as const,
    }));
    const boot = [{ name: 'default.target', alike: [], nodes: ids.map((id) => ({ id })), edges }];
    const page = await render('html', { ...planReport(), boot });
    assert.match(page, /5000 units and targets are too many to draw/);
    assert.match(page, /<code>unit4999.service<\/code>/);
  });
});

describe('junit', () => {
  it('is well-formed XML for every report, whatever the image holds', async () => {
    for (const make of Object.values(samples)) {
      const report = make();
      const { elements } = wellFormed(await render('junit', report));
      assert.equal(elements.get('testcase'), points(report));
      const impossible = report.rehearsal?.outcome === 'impossible' ? 1 : 0;
      const failed = report.error ? 1 : 0;
      assert.equal(elements.get('error') ?? 0, report.counts.outcomes.error + impossible + failed);
    }
  });

  it('fails only what counts, and skips what is waived or does not apply', async () => {
    const failing = await render('junit', failingReport());
    assert.match(failing, /<testsuite [^>]*tests="7" failures="4" errors="0" skipped="1">/);
    assert.match(failing, /name="os-supported"><system-out>/);
    assert.match(
      await render('junit', goldenReport()),
      /<skipped message="waived: old log, kept for the auditors; until 2026-12-31"\/>/,
    );
  });
});

describe('tap', () => {
  it('has one point for each check, the rehearsal and each claim, and its diagnostics are YAML', async () => {
    for (const make of Object.values(samples)) {
      const report = make();
      const text = await render('tap', report);
      assert.equal(text.match(/^(not )?ok \d+ - /gm)?.length, points(report));
      for (const [, block = ''] of text.matchAll(/^ {2}---\n([\s\S]*?)^ {2}\.\.\.$/gm)) {
        const yaml = parse(block.replace(/^ {2}/gm, '')) as {
          outcome: string;
          findings?: { message: string }[];
        };
        assert.ok(['fail', 'error', 'fixed', 'impossible'].includes(yaml.outcome));
      }
    }
  });

  it('cannot be made to skip or to bail out by a name', async () => {
    for (const report of [hostileReport(), hostileRehearsal()]) {
      const text = await render('tap', report);
      assert.equal(text.match(/^Bail out!/m), null);
      for (const line of text.split('\n').filter((one) => /^(not )?ok/.test(one))) {
        assert.ok((line.match(/(?<!\\)#/g)?.length ?? 0) <= 1, line);
      }
    }
  });
});

interface Sarif {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly invocations: readonly [
        { readonly executionSuccessful: boolean; readonly toolExecutionNotifications: readonly unknown[] },
      ];
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly level: string;
        readonly suppressions?: readonly { readonly justification: string }[];
        readonly locations: readonly [
          {
            readonly physicalLocation: {
              readonly artifactLocation: { readonly uri: string };
              readonly region?: { readonly startLine: number };
            };
          },
        ];
      }[];
    },
  ];
}

describe('sarif', () => {
  const runOf = async (report: Report): Promise<Sarif['runs'][0]> =>
    (JSON.parse(await render('sarif', report)) as Sarif).runs[0];

  it('has a result for each finding that remains or is waived, and points at its rule', async () => {
    const run = await runOf(failingReport());
    assert.equal(run.results.length, 6);
    for (const { ruleId, ruleIndex } of run.results)
      assert.equal(run.tool.driver.rules[ruleIndex]?.id, ruleId);
    const [line, whole] = ['lsb-headers', 'image-metadata'].map(
      (id) => run.results.find(({ ruleId }) => ruleId === id)?.locations[0],
    );
    assert.deepEqual(line?.physicalLocation.region, { startLine: 3 });
    assert.equal(line.physicalLocation.artifactLocation.uri, 'etc/init.d/xe-linux-distribution');
    assert.deepEqual(
      [whole?.physicalLocation.artifactLocation.uri, whole?.physicalLocation.region],
      ['./', undefined],
    );
    assert.equal(run.results.find(({ ruleId }) => ruleId === 'os-supported')?.level, 'note');
  });

  it('suppresses what is waived, and did not succeed when something was not judged', async () => {
    const golden = await runOf(goldenReport());
    assert.equal(
      golden.results.find(({ ruleId }) => ruleId === 'agent-log')?.suppressions?.[0]?.justification,
      'old log, kept for the auditors; until 2026-12-31',
    );
    assert.equal(golden.invocations[0].executionSuccessful, true);
    const incomplete = await runOf(incompleteReport());
    assert.equal(incomplete.invocations[0].executionSuccessful, false);
    assert.equal(incomplete.invocations[0].toolExecutionNotifications.length, 1);
  });

  it('writes any path as a relative reference, byte by byte', async () => {
    const run = await runOf(hostileReport());
    const uris = run.results
      .filter(({ ruleId }) => ruleId === 'agent-enabled')
      .map(({ locations }) => locations[0].physicalLocation.artifactLocation.uri);
    assert.equal(uris.length, hostile.length);
    for (const uri of uris) assert.match(uri, /^etc\/([\w./~-]|%[0-9A-F]{2})+$/);
    assert.ok(uris.includes('etc/%FF%80%ED%A0%80') || uris.includes('etc/%FF%80%EF%BF%BD'));
  });
});

describe('markdown', () => {
  it('lets an image add no row, no mention, no link and no HTML', async () => {
    for (const report of [hostileReport(), hostileRehearsal()]) {
      const outside = (await render('markdown', report))
        .replace(/^(`{3,})\w*\n[\s\S]*?^\1$/gm, '')
        .replace(/(?<![\\`])(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, '');
      assert.doesNotMatch(outside, /<(?!\/?(details|summary|br)>)/);
      assert.doesNotMatch(outside, /(?<!&)[@#]\w|:\/\/|www\./);
    }
    const text = await render('markdown', hostileReport());
    const rows = text.split('\n').filter((line) => line.startsWith('| '));
    assert.equal(rows.length, 2 + 3);
    for (const row of rows) assert.equal(row.match(/(?<!\\)\|/g)?.length, 5, row);
  });

  it('fits into a comment, and says what it left out', async () => {
    const report = planReport();
    const [first] = report.changes;
    const many = Array.from({ length: 400 }, () => ({
      ...first!,
      diff: `${first!.diff ?? ''}${'+x\n'.repeat(100)}`,
    }));
    const text = await render('markdown', { ...report, changes: many });
    assert.ok(text.length < 65_536, String(text.length));
    assert.match(text, /\n\d+ more paths did not fit here/);
  });
});

describe('plan', () => {
  it('says when there is nothing to do', () => {
    assert.equal(planText(goldenReport()).includes('Write the LSB headers [lsb-headers, safe]'), true);
    const clean = { ...goldenReport(), command: 'plan', changes: [] } as const;
    assert.equal(
      planText({ ...clean, properties: { changes: [], commands: [] } }),
      'Nothing would be changed.\n',
    );
  });

  it('proposes commands for the target that was asked for', () => {
    const target = { chosen: 'cloud-init', requested: 'cloud-init', reason: 'requested' } as const;
    const text = planText({ ...planReport(), target });
    assert.match(text, /hallmark prepare .* --target cloud-init/);
    assert.doesNotMatch(planText(planReport()), /--target/);
  });

  it('says what is left to a person, and what was left out, when there is nothing that it can do', () => {
    const text = planText({ ...incompleteReport(), command: 'plan' }).replace(/\s+/g, ' ');
    assert.match(text, /A person has to resolve what is left .* agent-enabled, xe-ordering\./);
    assert.match(text, /left out\. Make them by hand: xe-ordering\./);
  });
});

describe('list and explain', () => {
  const { rules } = goldenReport();

  it('list every check on a line of its own', async () => {
    const text = listText(rules);
    sameAsGolden('list.txt', text);
    assert.equal(text.match(/^[a-z]/gm)?.length, rules.length + 1);
    assert.equal(listText(rules, { color: true }).replace(/\u001b\[\d+m/g, ''), text);
  });

  it('explain all that a check says of itself', async () => {
    sameAsGolden('explain.txt', explainText('xe-ordering', rules));
    assert.match(explainText('agent-log', rules), /Repair\n {2}None/);
    for (const line of explainText('lsb-headers', rules).split('\n')) assert.ok(line.length <= 80, line);
  });

  const unknown: readonly (readonly [string, string])[] = [
    ['xe-order', 'Did you mean xe-ordering?'],
    ['agent', 'Did you mean agent-enabled or agent-log?'],
    ['lbs-headers', 'Did you mean lsb-headers?'],
    ['VPN-Autostart', 'Did you mean vpn-autostart?'],
    ['zzzzzzzzzzzz', 'See "hallmark list" for all of them.'],
    ['', 'See "hallmark list" for all of them.'],
  ];
  for (const [id, hint] of unknown) {
    it(`answers ${JSON.stringify(id)} with: ${hint}`, () => {
      assert.throws(() => explainText(id, rules), { name: 'UsageError', code: 'unknown-check', hint });
    });
  }
});
