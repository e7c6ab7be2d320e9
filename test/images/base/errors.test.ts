import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { ImageError, RepairError, UsageError, systemCode } from '../../../images/base/errors.js';
import { inProject } from '../../support/project.js';

/** The rooms whose hints are held to the style; every room that has errors of its own. */
const rooms = ['base', 'formats', 'image', 'write', 'sandbox', 'install', 'rescue', 'live'];

/** Hints as the source has them, with the text that starts and ends them. */
function hints(): (readonly [where: string, text: string])[] {
  return rooms.flatMap((room) =>
    readdirSync(inProject(`images/${room}`), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => {
        const text = readFileSync(inProject(`images/${room}/${name}`), 'utf8');
        const found = text.matchAll(/hint(?::|\s=)\s+(?:'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`)/g);
        return [...found].map(([, plain, template = '']) => [`${room}/${name}`, plain ?? template] as const);
      }),
  );
}

describe('errors', () => {
  it('have the exit code of their class, one code, and keep hint and cause', () => {
    const cause = new Error('why');
    const error = new ImageError('unreadable', 'cannot read it', { hint: 'Look.', cause });
    assert.deepEqual(
      [error.exitCode, error.code, error.hint, error.cause],
      [3, 'unreadable', 'Look.', cause],
    );
    assert.equal(error.name, 'ImageError');
    assert.equal(new UsageError('bad-arguments', '').exitCode, 2);
    assert.equal(new RepairError('changed', '').exitCode, 4);
    assert.equal(new RepairError('changed', '', { hint: undefined }).hint, undefined);
  });

  it('of the system tell their code', () => {
    assert.equal(systemCode(Object.assign(new Error(), { code: 'ENOENT' })), 'ENOENT');
    assert.equal(systemCode(new Error()), undefined);
    assert.equal(systemCode({ code: 'ENOENT' }), undefined);
  });

  it('have hints that are whole sentences', () => {
    const all = hints();
    assert.ok(all.length > 30, `${all.length} hints found`);
    assert.deepEqual(
      all.filter(([, text]) => !/^(?:[A-Z]|--|\$\{)/.test(text) || !/(?:[.]|\.\$\{hint\})$/.test(text)),
      [],
    );
  });
});
