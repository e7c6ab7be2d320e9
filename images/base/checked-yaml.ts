import type { Document } from 'yaml';
import type { ErrorCode } from './error-codes.js';
import { UsageError } from './errors.js';

/** Where something is in a document: keys and indices from the top. */
export type DocumentPath = readonly (string | number)[];

export interface CheckedYaml<T> {
  readonly value: T;
  /** An error about a place in the text, with its line. */
  readonly bad: (at: DocumentPath, what: string, hint?: string) => UsageError;
}

/**
 * Reads YAML that must fit a JSON Schema (draft-07). An empty text is an empty object.
 * @param path - what the text is called in errors
 * @param advice - code and hint of the errors
 * @throws {UsageError} when it is not YAML or does not fit; the line is named
 */
export async function checkedYaml<T>(
  text: string,
  path: string,
  schema: object,
  advice: { readonly code: ErrorCode; readonly hint: string },
): Promise<CheckedYaml<T>> {
  const { LineCounter, parseDocument } = await import('yaml');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const badAt = (offset: number, what: string, hint = advice.hint): UsageError =>
    new UsageError(advice.code, `${path}:${lines.linePos(offset).line}: ${what}`, { hint });
  const bad = (at: DocumentPath, what: string, hint?: string): UsageError =>
    badAt(offsetOf(document.getIn(at, true)), `${at.join('.') || 'the file'} ${what}`, hint);

  const broken = document.errors[0];
  if (broken) throw badAt(broken.pos[0], broken.message);
  const value = valueOf(document, (what) => badAt(0, what));
  const { Ajv } = await import('ajv');
  const validate = new Ajv({ allErrors: false }).compile<T>(schema);
  if (validate(value)) return { value, bad };
  const error = validate.errors?.[0];
  const extra = error?.params as { additionalProperty?: string; allowedValues?: string[] } | undefined;
  const detail = extra?.allowedValues?.join(', ');
  throw bad(
    (error?.instancePath ?? '').split('/').slice(1),
    extra?.additionalProperty === undefined
      ? `${error?.message ?? 'is wrong'}${detail === undefined ? '' : `: ${detail}`}`
      : `has an unknown key: ${extra.additionalProperty}`,
  );
}

/** @throws what `bad` makes, when aliases of aliases would make it grow without bounds, or one has no anchor */
function valueOf(document: Document, bad: (what: string) => UsageError): unknown {
  try {
    return document.toJS() ?? {};
  } catch (cause) {
    throw bad(cause instanceof Error ? cause.message : String(cause));
  }
}

function offsetOf(node: unknown): number {
  return isNode(node) ? node.range[0] : 0;
}

function isNode(value: unknown): value is { range: [number, number, number] } {
  return typeof value === 'object' && value !== null && 'range' in value && Array.isArray(value.range);
}
