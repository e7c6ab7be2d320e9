import assert from 'node:assert/strict';
import type { Report, ReportedChange } from '../../../pipeline/report/report.js';
import { html } from '../../../pipeline/report/html.js';
import { installationInWords, listed, unlistedInWords } from '../../../pipeline/report/installed.js';
import { markdown } from '../../../pipeline/report/markdown.js';
import { planText } from '../../../pipeline/report/plan.js';
import { validateReport } from '../../../pipeline/report/validate.js';
import { planReport } from './samples.js';

const change = (path: string, kind: ReportedChange['kind'], installed: boolean): ReportedChange => ({
  path,
  kind,
  fixers: ['agent-installed'],
  before: { type: 'absent' },
  after: kind === 'directory' ? { type: 'directory', mode: '0755' } : { type: 'link', target: 'x' },
  ...(installed ? { installed: true } : {}),
});
const changes = [
  change('/etc/logrotate.d/nova-agent', 'link', false),
  change('/usr/bin/nova-agent', 'link', true),
  change('/usr/share/doc/a', 'directory', true),
  change('/usr/share/doc/b', 'directory', true),
  change('/var/lib/x', 'link', true),
];
const installations = [
  {
    fixer: 'agent-installed',
    what: ['python3-nova-agent 2.1.25-1', 'python3-x 1'],
    from: '/tmp/<a>.deb',
    reason: 'it was given',
  },
];

describe('what is installed', () => {
  it('is told in a sentence, and its files are counted where they are not listed', () => {
    assert.equal(
      installationInWords(installations[0]!),
      'installs python3-nova-agent 2.1.25-1, python3-x 1 from /tmp/<a>.deb: it was given',
    );
    assert.deepEqual(
      listed(changes).map(({ path }) => path),
      ['/etc/logrotate.d/nova-agent'],
    );
    assert.equal(
      unlistedInWords(changes),
      'and 1 link, 2 directories in /usr; 1 link in /var (the JSON report lists them)',
    );
    assert.equal(unlistedInWords(listed(changes)), undefined);
  });

  it('is in every report that a person reads, and fits the schema', async () => {
    const report: Report = { ...planReport(), changes, installations };
    assert.deepEqual(await validateReport(report), []);
    for (const [text, escaped] of [
      [planText(report), '<a>'],
      [html(report), '&lt;a&gt;'],
      [markdown(report), 'a'],
    ] as const) {
      const flat = text.replace(/\s+/g, ' ');
      assert.match(flat, /installs python3-nova-agent 2\.1\.25-1/);
      assert.ok(flat.includes(escaped));
      assert.match(flat, /2 directories in \/usr/);
      assert.doesNotMatch(flat, /\/usr\/share\/doc/);
    }
    assert.ok(!html(report).includes('<a>.deb'));
  });
});
