/**
 * The records of a PAX extended header: "length keyword=value\n", the length counting itself (POSIX.1-2001,
 * pax(1), "pax Extended Header"). Values stay bytes: an extended attribute is binary, and a name need not be the
 * UTF-8 that the standard asks for.
 */
export type PaxRecord = readonly [keyword: string, value: Buffer];

const [space, newline, equals] = [0x20, 0x0a, 0x3d];

/** @returns undefined when the bytes are not a sequence of well-formed records */
export function parsePax(bytes: Buffer): PaxRecord[] | undefined {
  const records: PaxRecord[] = [];
  let at = 0;
  while (at < bytes.length) {
    const blank = bytes.indexOf(space, at);
    const digits = blank < 0 ? '' : bytes.toString('latin1', at, blank);
    if (!/^[1-9][0-9]{0,8}$/.test(digits)) return undefined;
    const end = at + Number(digits);
    const equal = bytes.indexOf(equals, blank);
    if (end > bytes.length || bytes[end - 1] !== newline || equal <= blank + 1 || equal >= end)
      return undefined;
    records.push([bytes.toString('utf8', blank + 1, equal), bytes.subarray(equal + 1, end - 1)]);
    at = end;
  }
  return records;
}

export function formatPax(records: readonly PaxRecord[]): Buffer {
  return Buffer.concat(
    records.flatMap(([keyword, value]) => formatRecord(Buffer.from(` ${keyword}=`), value)),
  );
}

function formatRecord(keyword: Buffer, value: Buffer): Buffer[] {
  const rest = keyword.length + value.length + 1;
  let length = rest + String(rest).length;
  // The length's own digits may lift it over a power of ten.
  length = rest + String(length).length;
  return [Buffer.from(String(length)), keyword, value, Buffer.from('\n')];
}

/** A PAX number. Only times have a fraction or a sign, but some writers give others one, too. */
export function paxNumber(text: string): number | undefined {
  const value = /^-?[0-9]+(?:\.[0-9]*)?$/.test(text) ? Math.floor(Number(text)) : NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}
