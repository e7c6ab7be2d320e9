import { spans } from './escape.js';
import { startSha256 } from '../../images/base/sha256.js';
import type { CheckResult } from '../../checks/lib/result.js';
import type { ReportedBoot } from './boot.js';
import type { Report, Verdict } from './report.js';
import { bootSvg } from './boot-svg.js';
import { changesSection } from './html-changes.js';
import { rehearsalSection } from './html-rehearsal.js';
import { style } from './html-style.js';
import { Markup, markup } from './markup.js';
import { nextSteps } from './next-steps.js';
import { reachesThreshold, headline, placeOf, ruleOf, worstFirst } from './result-words.js';
import { imageInWords, checksInWords, verdictSentence, verdictWords } from './verdict-words.js';

/**
 * One page that needs nothing but itself: no script, no image, no font from elsewhere, and a content security policy
 * that forbids them, so that even a mistake in escaping could load or run nothing.
 */
export function html(report: Report): string {
  const sheet = new Markup(style);
  const digest = startSha256().update(style).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`;
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${verdictWords[report.verdict]}: ${report.image.source} (Hallmark)</title>
<style>${sheet}</style>
</head>
<body>
${header(report)}<main>
${steps(report)}${report.rehearsal && rehearsalSection(report.rehearsal)}${remaining(report)}${boots(report)}${changesSection(report)}${unverified(report)}${report.error ? undefined : allChecks(report)}</main>
${footer(report)}</body>
</html>
`;
  return page.text;
}

/** Beyond this many nodes a drawing is a thicket; the table still has everything. */
const drawnNodes = 60;

/** The mark of the assay office: an octagon, as struck on gold, with the outcome inside. */
function stamp(verdict: Verdict): Markup {
  const marks: Readonly<Record<Verdict, Markup>> = {
    golden: markup`<path d="M33 51l12 12 23-26" stroke-width="7"/>`,
    'not-golden': markup`<path d="M36 36l28 28M64 36L36 64" stroke-width="7"/>`,
    incomplete: markup`<path d="M39 41a11 11 0 1 1 15 10c-3 1.5-4 3-4 8M50 68v.5" stroke-width="7"/>`,
  };
  return markup`<svg viewBox="0 0 100 100" aria-hidden="true" fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"><path d="M31 5h38l26 26v38L69 95H31L5 69V31z" stroke-width="4"/><path d="M35 13h30l22 22v30L65 87H35L13 65V35z" stroke-width="1.5"/>${marks[verdict]}</svg>`;
}

function header(report: Report): Markup {
  const { error, image, target, verdict, output } = report;
  return markup`<header>
<div class="verdict ${verdict}">${stamp(verdict)}<div><h1>${verdictWords[verdict]}</h1><p>${verdictSentence(report)}</p>${error ? undefined : markup`<p class="id">${checksInWords(report)}</p>`}</div></div>
<dl>
<dt>Image</dt><dd><code>${image.source}</code>${image.kind && ` (${image.kind})`}</dd>
${
  error
    ? undefined
    : markup`<dt>Guest</dt><dd>${imageInWords(report)}</dd>
`
}${
    target &&
    markup`<dt>Target</dt><dd>${target.chosen}${target.requested === 'auto' ? ', chosen automatically' : undefined}: ${target.reason}</dd>
`
  }${image.digest === undefined ? undefined : markup`<dt>Digest</dt><dd><code>${image.digest}</code></dd>`}${
    output &&
    markup`<dt>Written</dt><dd><code>${output.path}</code>, ${output.size} bytes, sha256 <code>${output.sha256}</code></dd>`
  }</dl>
</header>
`;
}

function steps(report: Report): Markup | undefined {
  const next = nextSteps(report);
  if (next.length === 0) return undefined;
  const items = next.map(
    ({ say, run }) => markup`<p>${say}</p>${
      run.length === 0
        ? undefined
        : markup`<pre tabindex="0">${run.map(
            (line) => markup`${line}
`,
          )}</pre>`
    }
`,
  );
  return markup`<section aria-labelledby="next"><h2 id="next">What to do now</h2>
${items}</section>
`;
}

function remaining(report: Report): Markup | undefined {
  const results = worstFirst(report);
  if (results.length === 0) return undefined;
  return markup`<section aria-labelledby="findings"><h2 id="findings">What was found</h2>
${results.map((result) => resultCard(report, result))}</section>
`;
}

/** A text of a rule, its backticks turned into elements. */
const prose = (text: string): Markup[] =>
  spans(
    text,
    (plain) => markup`${plain}`,
    (code) => markup`<code>${code}</code>`,
  );

function resultCard(report: Report, result: CheckResult): Markup {
  const rule = ruleOf(report, result.id);
  const tone = result.outcome === 'error' ? 'unjudged' : result.severity;
  const label = result.outcome === 'error' ? 'not judged' : result.severity;
  const tolerated = result.outcome === 'fail' && !reachesThreshold(report, result);
  const findings = result.findings.map((finding) => {
    const place = placeOf(finding);
    return markup`<li>${place === undefined ? undefined : markup`<code class="place">${place}</code>`}${finding.message}</li>
`;
  });
  return markup`<article class="card ${tone}"><header><span class="badge">${label}</span><h3>${headline(result)}</h3><code class="id">${result.id}</code>${tolerated ? markup`<span class="id">below the threshold “${report.failOn}”</span>` : undefined}</header>
${result.reason === undefined ? undefined : markup`<p>${result.reason}</p>`}${findings.length > 0 ? markup`<ul class="findings">${findings}</ul>` : undefined}${
    rule &&
    markup`<p><span class="label">Why it matters.</span> ${prose(rule.why)}</p>
<p><span class="label">What to do.</span> ${prose(rule.remedy)}</p>
${rule.repair && markup`<p><span class="label">Repair.</span> ${rule.repair.title} <span class="badge ${rule.repair.risk}">${rule.repair.risk}</span></p>`}${
      rule.references.length > 0
        ? markup`<p class="references">${rule.references.map(({ title, where }) => `${title}, ${where}`).join(' · ')}</p>`
        : undefined
    }`
  }</article>
`;
}

function boots({ boot }: Report): Markup | undefined {
  if (boot.length === 0) return undefined;
  return markup`<section aria-labelledby="boot-order"><h2 id="boot-order">Boot order</h2>
<p>What starts first is at the top. Only what affects the agent is drawn.</p>
<ul class="legend"><li class="agent"><i></i>agent</li><li class="xe"><i></i>xe tools</li><li class="cloud-init"><i></i>cloud-init</li><li class="network"><i></i>network</li><li class="wrong"><i></i>wrong</li><li class="missing"><i></i>missing</li></ul>
${boot.map(bootFigure)}</section>
`;
}

function bootFigure(boot: ReportedBoot): Markup {
  const rows = boot.edges.map((edge) => {
    const { first, then, because, mark } = edge;
    const place = placeOf(edge);
    return markup`<tr${mark === 'given' ? undefined : markup` class="wrong-row"`}><th scope="row"><code>${first}</code></th><td><code>${then}</code></td><td>${mark === 'given' ? undefined : `${mark}: `}${because}</td><td>${place === undefined ? undefined : markup`<code>${place}</code>`}</td></tr>
`;
  });
  const table = markup`<div class="scroll"><table><caption>The same in words</caption><thead><tr><th scope="col">starts</th><th scope="col">before</th><th scope="col">because</th><th scope="col">where</th></tr></thead><tbody>
${rows}</tbody></table></div>
`;
  return markup`<article class="card"><header><h3>${boot.name}</h3>${boot.alike.length > 0 ? markup`<span class="id">alike: ${boot.alike.join(', ')}</span>` : undefined}</header>
${boot.nodes.length > drawnNodes ? markup`<p>${boot.nodes.length} units and targets are too many to draw.</p>` : markup`<div class="scroll">${bootSvg(boot)}</div>`}
${rows.length > 0 ? table : undefined}</article>
`;
}

function unverified(report: Report): Markup | undefined {
  if (report.unverified.length === 0) return undefined;
  const items = report.unverified.map(
    ({
      fixer,
      reason,
    }) => markup`<article class="card error"><header><h3>${ruleOf(report, fixer)?.repair?.title ?? fixer}</h3><code class="id">${fixer}</code></header><p>${reason}</p></article>
`,
  );
  return markup`<section aria-labelledby="unverified"><h2 id="unverified">Repairs that failed verification</h2>
<p>They were left out, and none of their changes were written.</p>
${items}</section>
`;
}

function allChecks(report: Report): Markup {
  const rows = report.results.map(
    ({ id, title, outcome, severity, reason }) =>
      markup`<tr><th scope="row"><code>${id}</code></th><td><span class="badge ${outcome === 'fail' ? severity : outcome === 'error' ? 'unjudged' : outcome}">${outcome === 'error' ? 'not judged' : outcome}</span></td><td>${headline({ outcome, title })}${reason === undefined ? undefined : markup`<br><span class="id">${reason}</span>`}</td></tr>
`,
  );
  const timed = report.stages.filter(({ durationMs }) => durationMs !== undefined);
  const timing = timed.map(({ name, durationMs }) => `${name} ${durationMs ?? 0} ms`).join(', ');
  return markup`<section aria-labelledby="checks"><h2 id="checks">All checks</h2>
<div class="scroll"><table><thead><tr><th scope="col">check</th><th scope="col">outcome</th><th scope="col">result</th></tr></thead><tbody>
${rows}</tbody></table></div>
${timing === '' ? undefined : markup`<p class="id">${timing}</p>`}</section>
`;
}

function footer({ tool, command, schemaVersion, rehearsal }: Report): Markup {
  return markup`<footer><p>Hallmark ${tool.version}, ${command}, report schema ${schemaVersion}. An image is golden only when every check could be judged and no finding is left at or above the threshold${rehearsal && ', and the rehearsal passed'}.</p></footer>
`;
}
