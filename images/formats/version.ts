/**
 * Compares two versions of Debian packages, `[epoch:]upstream[-revision]`, as dpkg does (deb-version(7)).
 * @returns negative, 0 or positive, for `sort`
 */
export function compareDebianVersions(a: string, b: string): number {
  const [left, right] = [debianParts(a), debianParts(b)];
  return (
    compareNumbers(left.epoch, right.epoch) ||
    compareDebianPart(left.upstream, right.upstream) ||
    compareDebianPart(left.revision, right.revision)
  );
}

/**
 * Compares two versions of RPM packages, `[epoch:]version[-release]`, as rpm does (rpm-version(7)): a missing
 * epoch is 0, a missing release comes before any.
 * @returns negative, 0 or positive, for `sort`
 */
export function compareRpmVersions(a: string, b: string): number {
  const [left, right] = [rpmParts(a), rpmParts(b)];
  const byVersion = compareNumbers(left.epoch, right.epoch) || compareRpmPart(left.version, right.version);
  if (byVersion !== 0) return byVersion;
  if (left.release === undefined || right.release === undefined) {
    return Number(left.release !== undefined) - Number(right.release !== undefined);
  }
  return compareRpmPart(left.release, right.release);
}

/**
 * Compares the leading dotted numbers of two versions, number by number: "1.39" < "1.39.1" < "2.1.25". What is
 * missing counts as 0, and what follows the numbers is not looked at.
 * @returns negative, 0 or positive, for `sort`
 */
export function compareDottedVersions(a: string, b: string): number {
  const [left, right] = [dotted(a), dotted(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = compareNumbers(left[i] ?? '0', right[i] ?? '0');
    if (order !== 0) return order;
  }
  return 0;
}

function dotted(version: string): readonly string[] {
  return /^\d+(?:\.\d+)*/.exec(version)?.[0].split('.') ?? [];
}

/** Strings of digits, of any length. */
function compareNumbers(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);
}

function debianParts(version: string): { epoch: string; upstream: string; revision: string } {
  const colon = version.indexOf(':');
  const rest = version.slice(colon + 1);
  const hyphen = rest.lastIndexOf('-');
  return {
    epoch: version.slice(0, Math.max(0, colon)),
    upstream: hyphen < 0 ? rest : rest.slice(0, hyphen),
    revision: hyphen < 0 ? '' : rest.slice(hyphen + 1),
  };
}

/** Alternating runs of non-digits, by {@link debianOrder}, and of digits, by value. */
function compareDebianPart(a: string, b: string): number {
  const [left, right] = [debianRuns(a), debianRuns(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [one, other] = [left[i] ?? '', right[i] ?? ''];
    const order = i % 2 === 1 ? compareNumbers(one, other) : compareDebianText(one, other);
    if (order !== 0) return order;
  }
  return 0;
}

/** Always starts with a run of non-digits, which may be empty. */
function debianRuns(part: string): readonly string[] {
  const runs: string[] = part.match(/\D+|\d+/g) ?? [];
  return isDigit(runs[0] ?? '') ? ['', ...runs] : runs;
}

function compareDebianText(a: string, b: string): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const order = debianOrder(a[i]) - debianOrder(b[i]);
    if (order !== 0) return order;
  }
  return 0;
}

/** A tilde before the end, the end before letters, letters before all else. */
function debianOrder(char: string | undefined): number {
  if (char === undefined) return 0;
  if (char === '~') return -1;
  return /[A-Za-z]/.test(char) ? char.charCodeAt(0) : char.charCodeAt(0) + 256;
}

function rpmParts(version: string): { epoch: string; version: string; release: string | undefined } {
  const epoch = /^(\d*):/.exec(version);
  const rest = version.slice(epoch?.[0].length ?? 0);
  const hyphen = rest.lastIndexOf('-');
  return {
    epoch: epoch?.[1] ?? '',
    version: hyphen < 0 ? rest : rest.slice(0, hyphen),
    release: hyphen < 0 ? undefined : rest.slice(hyphen + 1),
  };
}

/** Runs of digits and of letters are compared; `~` sorts before the end, `^` just after it; the rest separates. */
function compareRpmPart(a: string, b: string): number {
  const [left, right] = [rpmSegments(a), rpmSegments(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = compareRpmSegments(left[i], right[i]);
    if (order !== 0) return order;
  }
  return 0;
}

function rpmSegments(part: string): readonly string[] {
  return part.match(/\d+|[A-Za-z]+|~|\^/g) ?? [];
}

function compareRpmSegments(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === '~') return -1;
  if (b === '~') return 1;
  if (a === '^') return b === undefined ? 1 : -1;
  if (b === '^') return a === undefined ? -1 : 1;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  if (isDigit(a) !== isDigit(b)) return isDigit(a) ? 1 : -1; // a number is newer than a word
  return isDigit(a) ? compareNumbers(a, b) : a < b ? -1 : 1;
}

function isDigit(text: string): boolean {
  return /^\d/.test(text);
}
