import { randomInt } from 'node:crypto';
import { inspect } from 'node:util';

/** A text that must not get into a report, a log or an error message by accident: only `reveal` gives it. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  /** Takes it out of a text, such as an answer of the guest, that is to be shown. */
  hideIn(text: string): string {
    return text.replaceAll(this.#text, '[secret]');
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

/** Letters and digits that nobody mistakes for others, in the classes that password rules ask for. */
const classes = ['23456789', 'ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnopqrstuvwxyz'];

/** A password such as Nova makes for a new server: at least one character of each class. */
export function makePassword(length = 16): Secret {
  const characters = Array.from({ length }, (_, at) => pick(classes[at] ?? classes.join('')));
  for (let at = length - 1; at > 0; at--) {
    const other = randomInt(at + 1);
    [characters[at], characters[other]] = [characters[other] ?? '', characters[at] ?? ''];
  }
  return new Secret(characters.join(''));
}

function pick(from: string): string {
  return from.charAt(randomInt(from.length));
}
