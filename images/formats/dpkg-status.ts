/** A paragraph of dpkg's database; fields it does not have are undefined. */
export interface DpkgRecord {
  readonly package: string | undefined;
  readonly version: string | undefined;
  readonly architecture: string | undefined;
  /** "install ok installed": what is wanted, an error flag, what is. */
  readonly status: string | undefined;
}

const fields = new Map([
  ['package', 'package'],
  ['version', 'version'],
  ['architecture', 'architecture'],
  ['status', 'status'],
] as const);

/**
 * The paragraphs of a control file such as `/var/lib/dpkg/status` (deb822(5)): fields are told apart without
 * regard to case, continued lines belong to the field above, blank lines end a paragraph. Never throws.
 */
export function parseDpkgStatus(text: string): readonly DpkgRecord[] {
  const records: DpkgRecord[] = [];
  let record: Record<string, string> = {};
  const finish = (): void => {
    if (Object.keys(record).length > 0) {
      const { package: name, version, architecture, status } = record;
      records.push({ package: name, version, architecture, status });
    }
    record = {};
  };
  let end = -1;
  while (end < text.length) {
    const start = end + 1;
    const feed = text.indexOf('\n', start);
    end = feed < 0 ? text.length : feed;
    const first = text.charCodeAt(start);
    if (end === start || (mayBeSpace(first) && text.slice(start, end).trim() === '')) finish();
    // Of the thirty fields a paragraph can have, those that matter here start with P, V, A or S: only such a line is
    // cut out of the text.
    if (end === start || !wanted.has(first | 0x20)) continue;
    const line = text.slice(start, end);
    const colon = line.indexOf(':');
    const key = colon < 0 ? undefined : fields.get(line.slice(0, colon).toLowerCase() as 'package');
    if (key !== undefined) record[key] = line.slice(colon + 1).trim();
  }
  finish();
  return records;
}

const wanted = new Set([...fields.keys()].map((key) => key.charCodeAt(0)));

/** A quick no for letters and digits; what lies beyond ASCII has spaces of its own. */
function mayBeSpace(code: number): boolean {
  return code <= 0x20 || code >= 0x80;
}

/** Whether a status says that the package is there and set up, possibly with triggers still to run. */
export function isInstalled(status: string): boolean {
  const state = status.split(/\s+/)[2];
  return state === 'installed' || state === 'triggers-awaited' || state === 'triggers-pending';
}
