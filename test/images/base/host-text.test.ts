import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readHostText } from '../../../images/base/host-text.js';
import { scratch } from '../../support/scratch.js';

describe('base/host-text', () => {
  // What `program > file` saves in Windows PowerShell 5, and what some editors do.
  const forms: [string, Buffer][] = [
    ['UTF-8', Buffer.from('{"a":"ü"}')],
    ['UTF-8 with a mark', Buffer.from('\uFEFF{"a":"ü"}')],
    ['UTF-16, little end first', Buffer.from('\uFEFF{"a":"ü"}', 'utf16le')],
    ['UTF-16, big end first', Buffer.from('\uFEFF{"a":"ü"}', 'utf16le').swap16()],
  ];
  for (const [name, bytes] of forms) {
    it(`reads ${name}`, async () => {
      using place = scratch();
      const path = join(place.path, 'text.json');
      writeFileSync(path, bytes);
      assert.equal(await readHostText(path), '{"a":"ü"}');
    });
  }
});
