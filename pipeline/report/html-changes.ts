import { type Report, type ReportedChange, isRepair } from './report.js';
import { visibleLines } from '../../images/base/visible.js';
import { installationInWords, listed, unlistedInWords } from './installed.js';
import { type Markup, markup } from './markup.js';
import { changeInWords, notShownInWords } from './change-words.js';
import { type FixerGroup, byFixer } from './changes-by-fixer.js';

/** The changes of a report, under the repair that asked for each. */
export function changesSection(report: Report): Markup | undefined {
  const groups = byFixer(report);
  if (groups.length === 0) return undefined;
  const done = isRepair(report.command);
  return markup`<section aria-labelledby="changes"><h2 id="changes">${done ? 'What was changed' : 'What would be changed'}</h2>
${groups.map(groupCard)}</section>
`;
}

function groupCard({ fixer, title, risk, changes, properties, installations }: FixerGroup): Markup {
  const rest = unlistedInWords(changes);
  const badge = risk && markup`<span class="badge ${risk}">${risk}</span>`;
  return markup`<article class="card ${risk}"><header><h3>${title}</h3>${badge}<code class="id">${fixer}</code></header>
${installations.map(
  (each) => markup`<p>${installationInWords(each)}</p>
`,
)}${listed(changes).map(changeBlock)}${
    rest === undefined
      ? undefined
      : markup`<p class="id">${rest}</p>
`
  }${properties.length > 0 ? propertyTable(properties) : undefined}</article>
`;
}

function changeBlock(change: ReportedChange): Markup {
  const hidden = notShownInWords(change);
  const also = change.fixers.slice(1);
  return markup`<div class="change"><p><code>${change.path}</code> <span class="id">${changeInWords(change)}${also.length > 0 ? `; also for ${also.join(', ')}` : undefined}</span></p>
${hidden === undefined ? undefined : markup`<p class="id">${hidden}</p>`}${change.diff === undefined ? undefined : diffBlock(change.diff)}</div>
`;
}

function diffBlock(diff: string): Markup {
  const lines = visibleLines(diff).map((line) => markup`<span${lineClass(line)}>${spaced(line)}</span>`);
  return markup`<pre class="diff" tabindex="0">${lines}</pre>`;
}

/** Tabs are made visible in running text; in a diff they are what indents. */
function spaced(line: string): Markup {
  return markup`${line.split('\t').flatMap((part, at) => (at === 0 ? [part] : [tab, part]))}`;
}

const tab = markup`	`;

function lineClass(line: string): Markup | undefined {
  if (line.startsWith('--- ') || line.startsWith('+++ ')) return markup` class="file"`;
  if (line.startsWith('@@')) return markup` class="hunk"`;
  if (line.startsWith('+')) return markup` class="add"`;
  return line.startsWith('-') ? markup` class="del"` : undefined;
}

function propertyTable(properties: FixerGroup['properties']): Markup {
  const rows = properties.map(
    ({ name, was, value }) =>
      markup`<tr><th scope="row"><code>${name}</code></th><td>${was === null ? 'not set' : markup`<code>${JSON.stringify(was)}</code>`}</td><td>${value === null ? 'removed' : markup`<code>${JSON.stringify(value)}</code>`}</td></tr>`,
  );
  return markup`<div class="scroll"><table><caption>Properties of the image in Glance</caption><thead><tr><th scope="col">property</th><th scope="col">is</th><th scope="col">becomes</th></tr></thead><tbody>${rows}</tbody></table></div>
`;
}
