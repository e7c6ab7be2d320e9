import { isUtf8 } from 'node:buffer';

/**
 * Guest bytes as strings and back, without loss. Valid UTF-8 is decoded as such; every byte that is not part of
 * a valid sequence becomes the lone surrogate U+DC00 + byte (the scheme of Python's PEP 383), which UTF-8 itself
 * can never produce, so encoding gives the same bytes again. A configuration file with one Latin-1 comment can
 * be edited without harming the comment.
 */
export function decode(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString('utf8') : decodeEscaping(bytes);
}

/** The inverse of {@link decode}. */
export function encode(text: string): Buffer {
  return isEscaped(text) ? encodeEscaping(text) : Buffer.from(text, 'utf8');
}

/** Whether some of it may stand for bytes that are not UTF-8, so that only {@link encode} gives what was there. */
export function isEscaped(text: string): boolean {
  return /[\udc80-\udcff]/.test(text);
}

function decodeEscaping(bytes: Buffer): string {
  let text = '';
  let start = 0;
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    text += bytes.toString('utf8', start, at) + String.fromCharCode(0xdc00 + (bytes[at] ?? 0));
    at += 1;
    start = at;
  }
  return text + bytes.toString('utf8', start);
}

/** Length of the valid UTF-8 sequence that starts at `at`, 0 when there is none. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  return at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}

function encodeEscaping(text: string): Buffer {
  const parts: Buffer[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 0xd800 && unit <= 0xdbff) {
      at += 1; // a well-formed pair: its low half is not an escape
      continue;
    }
    if (unit < 0xdc80 || unit > 0xdcff) continue;
    parts.push(Buffer.from(text.slice(start, at), 'utf8'), Buffer.from([unit - 0xdc00]));
    start = at + 1;
  }
  parts.push(Buffer.from(text.slice(start), 'utf8'));
  return Buffer.concat(parts);
}
