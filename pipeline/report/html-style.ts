/** The style of the HTML report. Colours are named once, for light, dark and paper. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --card: #ffffff; --ink: #1d2127; --soft: #5d6570; --line: #dfdcd3; --code: #f3f1ea;
  --golden: #8a6a08; --golden-bg: #fbf3d6; --bad: #b3261e; --bad-bg: #fdecea; --odd: #7a3b9a; --odd-bg: #f6ecfb;
  --warning: #8f5600; --warning-bg: #fdf1dd; --info: #0b5f8a; --info-bg: #e6f3fa; --good: #1c6b3c; --good-bg: #e6f4ea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --card: #1c2026; --ink: #e7e9ec; --soft: #a1a9b4; --line: #333a43; --code: #252b32;
    --golden: #e9c558; --golden-bg: #33290b; --bad: #ff8f85; --bad-bg: #3b1a18; --odd: #d9a4f5; --odd-bg: #301b3c;
    --warning: #f4b860; --warning-bg: #38270c; --info: #7fc8f0; --info-bg: #0f2c3c; --good: #83d5a1; --good-bg: #12301e;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
header, main, footer { max-width: 60rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2.25rem; }
h1, h2, h3 { line-height: 1.25; text-wrap: balance; }
h2 { font-size: 1.3rem; margin: 2.75rem 0 .75rem; padding-bottom: .35rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 0; }
p { margin: .5rem 0; }
a { color: var(--info); }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .875em; }
code { overflow-wrap: anywhere; }
pre { margin: .6rem 0; padding: .7rem .9rem; background: var(--code); border-radius: 6px; overflow-x: auto; line-height: 1.45; }
.verdict { display: flex; gap: 1.5rem; align-items: center; padding: 1.4rem 1.6rem; border: 1px solid var(--line); border-left: 6px solid var(--tone); border-radius: 10px; background: var(--tone-bg); }
.verdict svg { flex: none; width: 92px; height: 92px; color: var(--tone); }
.verdict h1 { margin: 0; font-size: 2rem; letter-spacing: .02em; color: var(--tone); }
.verdict p { margin: .15rem 0 0; }
.source { overflow-wrap: anywhere; }
.golden { --tone: var(--golden); --tone-bg: var(--golden-bg); }
.not-golden, .error, .fail { --tone: var(--bad); --tone-bg: var(--bad-bg); }
.incomplete, .unjudged { --tone: var(--odd); --tone-bg: var(--odd-bg); }
.warning, .waived { --tone: var(--warning); --tone-bg: var(--warning-bg); }
.info, .reviewed { --tone: var(--info); --tone-bg: var(--info-bg); }
.pass, .fixed, .safe { --tone: var(--good); --tone-bg: var(--good-bg); }
.not-applicable { --tone: var(--soft); --tone-bg: var(--code); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.25rem; margin: 1.4rem 0 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.badge { display: inline-block; padding: .05rem .55rem; border-radius: 99px; border: 1px solid var(--tone); background: var(--tone-bg); color: var(--tone); font-size: .8rem; font-weight: 600; white-space: nowrap; }
.card { margin: .9rem 0; padding: 1rem 1.25rem; background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--tone, var(--line)); border-radius: 8px; }
.card > header { display: flex; flex-wrap: wrap; gap: .4rem .75rem; align-items: baseline; max-width: none; padding: 0; }
.id { color: var(--soft); }
.findings { margin: .7rem 0; padding: 0; list-style: none; }
.findings li { margin: .35rem 0; padding-left: .9rem; border-left: 2px solid var(--tone, var(--line)); }
.findings .place { display: block; font-weight: 600; }
.label { color: var(--soft); font-weight: 600; }
.references { margin: .3rem 0 0; color: var(--soft); font-size: .9rem; }
.change { margin: .9rem 0 0; }
.change > p { margin: 0; }
.diff span { display: block; min-height: 1.45em; white-space: pre; }
.diff .add { background: var(--good-bg); color: var(--good); }
.diff .del { background: var(--bad-bg); color: var(--bad); }
.diff .hunk, .diff .file { color: var(--soft); }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .93rem; }
caption { text-align: left; color: var(--soft); padding: .3rem 0; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); }
table code { overflow-wrap: break-word; }
th { font-weight: 600; }
thead th { color: var(--soft); }
.boot { display: block; margin: 1rem auto; max-width: 100%; height: auto; }
.boot text { font: 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; text-anchor: middle; fill: var(--ink); }
.boot rect { fill: var(--card); stroke: var(--soft); }
.boot .agent rect { fill: var(--golden-bg); stroke: var(--golden); stroke-width: 2; }
.boot .xe rect { fill: var(--info-bg); stroke: var(--info); stroke-width: 2; }
.boot .cloud-init rect { fill: var(--odd-bg); stroke: var(--odd); stroke-width: 2; }
.boot .network rect { fill: var(--good-bg); stroke: var(--good); stroke-width: 2; }
.boot .edge path { fill: none; stroke: var(--soft); stroke-width: 1.5; }
.boot .wrong path { stroke: var(--bad); stroke-width: 3; }
.boot .missing path { stroke: var(--bad); stroke-width: 2.5; stroke-dasharray: 7 5; }
.boot .arrow path { fill: var(--soft); }
.boot .arrow.wrong path, .boot .arrow.missing path { fill: var(--bad); stroke: none; }
.timeline { display: block; margin: 1rem auto; max-width: 100%; min-width: 44rem; height: auto; }
.timeline text { font: 12px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: var(--ink); paint-order: stroke; stroke: var(--card); stroke-width: 3px; stroke-linejoin: round; }
.timeline .within text { stroke: none; }
.timeline .tick text { text-anchor: middle; fill: var(--soft); }
.timeline .tick path, .timeline .lane path { stroke: var(--line); }
.timeline .tick path { stroke-dasharray: 2 3; }
.timeline .lane text { font-weight: 600; fill: var(--soft); }
.timeline .other { --tone: var(--soft); --tone-bg: var(--code); }
.timeline .shape { fill: var(--tone-bg); stroke: var(--tone); stroke-width: 1.5; }
.timeline .mark { fill: none; stroke: var(--tone); stroke-width: 2.2; stroke-linecap: round; stroke-linejoin: round; }
.timeline .fail .shape { stroke-width: 2.5; }
.timeline .fail rect { stroke-dasharray: 5 3; }
.timeline .fail text { font-weight: 700; fill: var(--tone); }
.legend { display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; margin: 0; padding: 0; list-style: none; color: var(--soft); font-size: .9rem; }
.legend i { display: inline-block; width: 1.1em; height: .8em; margin-right: .4em; border: 2px solid var(--soft); border-radius: 3px; }
.legend .agent i { border-color: var(--golden); background: var(--golden-bg); }
.legend .xe i { border-color: var(--info); background: var(--info-bg); }
.legend .cloud-init i { border-color: var(--odd); background: var(--odd-bg); }
.legend .network i { border-color: var(--good); background: var(--good-bg); }
.legend .wrong i { width: 1.6em; height: 0; border: 0; border-top: 3px solid var(--bad); border-radius: 0; vertical-align: .25em; }
.legend .missing i { width: 1.6em; height: 0; border: 0; border-top: 3px dashed var(--bad); border-radius: 0; vertical-align: .25em; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.wrong-row td, .wrong-row th { color: var(--bad); font-weight: 600; }
footer { margin-top: 3rem; padding-bottom: 2.5rem; color: var(--soft); font-size: .9rem; }
@media (max-width: 36rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } .verdict { flex-direction: column; align-items: flex-start; } }
@media print {
  :root { --paper: #fff; --code: #f6f6f6; }
  body { font-size: 10.5pt; }
  header, main, footer { max-width: none; padding: 0; }
  .verdict, .findings li, tr, svg { break-inside: avoid; }
  .scroll { overflow: visible; }
  .timeline { min-width: 0; }
  table code { overflow-wrap: anywhere; }
  h2, h3 { break-after: avoid; }
  .diff span, pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
