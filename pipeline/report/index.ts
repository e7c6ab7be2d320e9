import type { RenderOptions } from './page.js';
import type { Report } from './report.js';

type Render = (report: Report, options: RenderOptions) => string;

interface Reporter {
  /** Its name in a folder with all formats. */
  readonly fileName: string;
  /** Loads the format's module, which no other format needs. */
  readonly load: () => Promise<Render>;
}

/** Every format by the name that `--format` takes. */
export const reporters = {
  text: { fileName: 'report.txt', load: async () => (await import('./text.js')).text },
  json: { fileName: 'report.json', load: async () => (await import('./json.js')).json },
  html: { fileName: 'report.html', load: async () => (await import('./html.js')).html },
  junit: { fileName: 'report.junit.xml', load: async () => (await import('./junit.js')).junit },
  sarif: { fileName: 'report.sarif', load: async () => (await import('./sarif.js')).sarif },
  markdown: { fileName: 'report.md', load: async () => (await import('./markdown.js')).markdown },
  tap: { fileName: 'report.tap', load: async () => (await import('./tap.js')).tap },
} as const satisfies Readonly<Record<string, Reporter>>;

export type Format = keyof typeof reporters;

export const formats = Object.keys(reporters) as readonly Format[];

/** A report in one format. The same report gives the same bytes, whatever the place or the time. */
export async function render(format: Format, report: Report, options: RenderOptions = {}): Promise<string> {
  const reporter: Reporter = reporters[format];
  return (await reporter.load())(report, options);
}

/** A report in every format, by file name: what `--report DIR` writes. */
export async function renderAll(report: Report): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const format of formats) files.set(reporters[format].fileName, await render(format, report));
  return files;
}
