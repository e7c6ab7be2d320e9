import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { type ErrorCode, errorCodes } from '../../../images/base/error-codes.js';
import { inProject } from '../../support/project.js';

const exitOf = { Usage: 2, Image: 3, Repair: 4 } as const;

/** The text of every module but the table itself. */
function sources(): string[] {
  return ['images', 'checks', 'fixers', 'pipeline'].flatMap((folder) =>
    readdirSync(inProject(folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('base/error-codes.ts'))
      .map((name) => readFileSync(inProject(`${folder}/${name}`), 'utf8')),
  );
}

/** Errors that are made with a code as it stands: the class and the code. */
function thrown(text: string): (readonly [kind: keyof typeof exitOf, code: ErrorCode])[] {
  const made = text.matchAll(/new (Usage|Image|Repair)Error\(\s*'([a-z-]+)'/g);
  return [...made].map(([, kind, code]) => [kind as keyof typeof exitOf, code as ErrorCode]);
}

describe('errorCodes', () => {
  const texts = sources();

  it('has no code that nothing uses', () => {
    const unused = Object.keys(errorCodes).filter(
      (code) => !texts.some((text) => text.includes(`'${code}'`)),
    );
    assert.deepEqual(unused, []);
  });

  it('gives each code the exit codes of the errors that carry it', () => {
    const wrong = texts
      .flatMap(thrown)
      .filter(([kind, code]) => !(errorCodes[code].exits as readonly number[]).includes(exitOf[kind]));
    assert.deepEqual(wrong, []);
  });

  it('lists the codes in order, each with whole sentences', () => {
    assert.deepEqual(Object.keys(errorCodes), Object.keys(errorCodes).sort());
    for (const [code, { meaning }] of Object.entries(errorCodes)) {
      assert.match(meaning, /^(?:[A-Z]|--|nova-agent).*\.$/, code);
      assert.doesNotMatch(meaning, /(?<!here) (?:is|are) no /, code);
    }
  });
});
