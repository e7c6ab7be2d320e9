import { fill, plainColumns } from './fill.js';

export interface RenderOptions {
  /** Colours for a terminal; only text has them. */
  readonly color?: boolean | undefined;
  /** The width to write for; only text has one. {@link plainColumns} unless given. */
  readonly columns?: number | undefined;
}

/** Below this, a column of labels would take half of the width. */
const narrow = 50;
/** Width of the column of labels. */
const labels = 10;

/**
 * A text with labels in a margin: `error     nova-agent does not start`. On a narrow terminal there is no margin; what
 * belongs to a label is indented by two columns.
 */
export class Page {
  readonly #narrow: boolean;

  constructor(readonly columns = plainColumns) {
    this.#narrow = columns < narrow;
  }

  /** Width of the margin. */
  get margin(): number {
    return this.#narrow ? 2 : labels;
  }

  /** What stands before a line that belongs to a label. */
  get indent(): string {
    return ' '.repeat(this.margin);
  }

  /** Running text from the left edge. */
  text(text: string, indent = ''): string {
    return fill(text, this.columns, indent);
  }

  /** A label in the margin and text beside it. */
  labelled(label: string, text: string | readonly string[]): string {
    const first = this.#narrow ? `${label} `.trimStart() : label.padEnd(labels);
    return fill(text, this.columns, first, this.indent);
  }

  /** Text under a label, itself after a word: `why: A server …`. */
  under(word: string, text: string): string {
    const first = this.indent + word;
    const hang = this.#narrow ? Math.min(word.length, 2) : word.length;
    return fill(text, this.columns, first, this.indent + ' '.repeat(hang));
  }
}
