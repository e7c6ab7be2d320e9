import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { endOfLife } from '../../checks/lib/os-support.js';
import { anOs } from '../support/facts.js';

/** The tables of the package distro-info-data, which Debian and Ubuntu keep of their own releases. */
const folder = '/usr/share/distro-info';

type Row = Readonly<Record<string, string | undefined>>;

function rows(distribution: string): Row[] {
  const [head = '', ...lines] = readFileSync(`${folder}/${distribution}.csv`, 'utf8').trimEnd().split('\n');
  const names = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, at) => [name, cells[at]]));
  });
}

/** When our table was last looked through; what came out later it need not have. */
const asOf = '2026-06-01';

/** Releases since nova-agent's time, with the last day on which somebody who pays nothing gets updates. */
function released(distribution: string, columns: readonly string[]): [version: string, end: string][] {
  return rows(distribution).flatMap((row) => {
    const version = row['version']?.replace(/ LTS$/, '').replace(/^(\d)\.0$/, '$1') ?? '';
    const end = columns.map((column) => row[column]).find((date) => date);
    return version === '' || !end || end < '2010-01-01' || (row['release'] ?? '') > asOf
      ? []
      : [[version, end]];
  });
}

describe('end-of-life dates, against distro-info-data', () => {
  const tables = {
    debian: released('debian', ['eol-lts', 'eol']),
    ubuntu: released('ubuntu', ['eol-server', 'eol']).filter(([version]) => version !== '6.06'),
  };
  for (const [id, releases] of Object.entries(tables)) {
    it(`${id}: every release has the distribution's own date`, () => {
      assert.ok(releases.length >= 10, `${folder}/${id}.csv holds ${releases.length} releases`);
      const ours = releases.map(([version]) => [version, endOfLife(anOs({ id, version }))]);
      assert.deepEqual(ours, releases);
    });
  }
});
