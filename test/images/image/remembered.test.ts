import assert from 'node:assert/strict';
import type { GuestPath, Tree } from '../../../images/image/image.js';
import { memoryImage } from '../../../images/image/memory.js';
import { RememberedTree } from '../../../images/image/remembered.js';

describe('a remembered tree', () => {
  it('asks once for each entry and list, and every time for contents', async () => {
    const { tree } = memoryImage({ '/etc/hostname': 'guest\n' });
    const asked: string[] = [];
    const told = <T>(what: string, path: GuestPath, answer: T): T => {
      asked.push(`${what} ${path}`);
      return answer;
    };
    const counted: Tree = {
      kind: tree.kind,
      source: tree.source,
      entry: (path) => told('entry', path, tree.entry(path)),
      list: (path) => told('list', path, tree.list(path)),
      read: (path, limit) => told('read', path, tree.read(path, limit)),
      [Symbol.asyncDispose]: () => tree[Symbol.asyncDispose](),
    };
    const remembered = new RememberedTree(counted);
    for (let i = 0; i < 2; i++) {
      assert.equal((await remembered.entry('/etc/hostname'))?.size, 6);
      assert.equal(await remembered.entry('/missing'), undefined);
      assert.deepEqual(await remembered.list('/etc'), [{ name: 'hostname', type: 'file' }]);
      assert.equal((await remembered.read('/etc/hostname', 10)).toString(), 'guest\n');
    }
    assert.deepEqual(asked, [
      'entry /etc/hostname',
      'entry /missing',
      'list /etc',
      'read /etc/hostname',
      'read /etc/hostname',
    ]);
  });
});
