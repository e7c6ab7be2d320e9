import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parsePythonMetadata } from '../../../images/formats/python-metadata.js';

describe('Python metadata', () => {
  it('reads the name, and the version with its line', () => {
    const text = 'Metadata-Version: 1.1\nName: novaagent\nVersion: 2.1.9\nSummary: x\n\nVersion: 9\n';
    assert.deepEqual(parsePythonMetadata(text), { name: 'novaagent', version: '2.1.9', versionLine: 3 });
  });

  it('reads neither below the headers, and takes the first of two', () => {
    assert.deepEqual(parsePythonMetadata('\nName: x\n').name, undefined);
    assert.equal(parsePythonMetadata('Version: 1\nVersion: 2\n').version, '1');
    assert.equal(parsePythonMetadata('VERSION:1\r\n').version, '1');
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parsePythonMetadata(text)));
  });
});
