import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expandFacility, parseInsservConf } from '../../../images/formats/insserv-conf.js';

describe('insserv.conf', () => {
  const conf = parseInsservConf([
    '# comment\n$local_fs\t+mountall +mountall-bootclean\n$remote_fs $local_fs +mountnfs\n$Named = +bind9;unbound\n' +
      '<interactive>\tudev keymap\n$loop $loop a\nname member\n',
    '$remote_fs: +umountnfs\r\n',
  ]);

  it('says what facilities stand for, through one another and over all files', () => {
    assert.deepEqual([...(expandFacility(conf, '$remote_fs') ?? [])].sort(), [
      '+mountall',
      '+mountall-bootclean',
      '+mountnfs',
      '+umountnfs',
    ]);
    assert.deepEqual(expandFacility(conf, '$Named'), ['+bind9', 'unbound']);
    assert.deepEqual(expandFacility(conf, '$loop'), ['a']);
    assert.equal(expandFacility(conf, '$syslog'), undefined);
    assert.equal(expandFacility(conf, 'name'), undefined);
  });

  it('names the interactive services', () => {
    assert.deepEqual(conf.interactive, ['udev', 'keymap']);
  });

  it('is never the cause of an exception, nor of a long wait (property)', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom('$a $b $c', '$b $a $c', '$c $a $b x', '<interactive> x'),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 50 }), (lines) => {
        expandFacility(parseInsservConf([lines.join('\n')]), '$a');
      }),
    );
  });
});
