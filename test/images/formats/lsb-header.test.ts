import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  addLsbHeader,
  lsbFieldWords,
  lsbWords,
  parseLsbHeader,
  printLsbHeader,
  setLsbField,
} from '../../../images/formats/lsb-header.js';
import { decode, encode } from '../../../images/base/text.js';

const xe = `#!/bin/bash
#
# chkconfig: 2345 14 86
#
### BEGIN INIT INFO
# Provides:          XenServer Virtual Machine Tools
# Required-Start:    $remote_fs
# Required-Stop:     $remote_fs
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: XenServer Virtual Machine daemon
# Description:       Start and stop the daemon that reports
#                    the distribution.
### END INIT INFO
start
`;

describe('an LSB header', () => {
  it('is read with its lines', () => {
    const header = parseLsbHeader(xe);
    assert.equal(header?.begin, 5);
    assert.equal(header.end, 14);
    assert.deepEqual(header.fields.get('Provides'), {
      name: 'Provides',
      value: 'XenServer Virtual Machine Tools',
      line: 6,
    });
    assert.equal(
      header.fields.get('Description')?.value,
      'Start and stop the daemon that reports the distribution.',
    );
    assert.deepEqual(lsbFieldWords(header, 'Default-Start'), ['2', '3', '4', '5']);
  });

  const spellings: [string, string, string | undefined][] = [
    ['#provides:x', 'Provides', 'x'],
    ['# PROVIDES:\tx', 'Provides', 'x'],
    ['# required_start: a b ', 'Required-Start', 'a b'],
    ['# Required-Start: a\tb', 'Required-Start', 'a'],
    ['# Required-Start: a\r', 'Required-Start', 'a'],
    ['# X-Debian-Should-Start: a', 'Should-Start', 'a'],
    ['# X-UnitedLinux-Should-Start: a', 'Should-Start', 'a'],
    ['# X-Start-Before: a', 'X-Start-Before', 'a'],
    ['# Start-Before: a', 'X-Start-Before', 'a'],
    ['# X-Stop_After: a', 'X-Stop-After', 'a'],
    ['# X-Interactive: true', 'X-Interactive', 'true'],
    ['# Default-Start:', 'Default-Start', ''],
    [' # Provides: x', 'Provides', undefined],
    ['# Provides : x', 'Provides', undefined],
    ['## Provides: x', 'Provides', undefined],
  ];
  for (const [line, name, value] of spellings) {
    it(`takes ${JSON.stringify(line)} for ${value === undefined ? `no ${name}` : name}`, () => {
      const header = parseLsbHeader(`### BEGIN INIT INFO\n${line}\n### END INIT INFO\n`);
      assert.equal(header?.fields.get(name as 'Provides')?.value, value);
    });
  }

  it('takes the first of two fields, and nothing outside the marks', () => {
    const header = parseLsbHeader(
      '# Provides: no\n### BEGIN INIT INFO\n# Provides: yes\n# Provides: late\n### END INIT INFO\n# Required-Start: no\n',
    );
    assert.equal(header?.fields.get('Provides')?.value, 'yes');
    assert.equal(header.fields.has('Required-Start'), false);
  });

  it('without an END mark has no end; without a BEGIN mark there is none', () => {
    assert.equal(parseLsbHeader('### BEGIN INIT INFO\n# Provides: a\n')?.end, undefined);
    assert.equal(parseLsbHeader('#!/bin/sh\n# Provides: a\n'), undefined);
  });

  it('loses to insserv what follows two separators in a row', () => {
    assert.deepEqual(lsbWords('a  b c', true), ['a']);
    assert.deepEqual(lsbWords('a  b c'), ['a', 'b', 'c']);
    assert.deepEqual(lsbWords('a,b;c\td ', true), ['a', 'b', 'c', 'd']);
    assert.deepEqual(lsbWords(undefined), []);
  });
});

describe('setting a field of an LSB header', () => {
  it('changes its line alone', () => {
    const edited = setLsbField(xe, 'Provides', 'xe-linux-distribution');
    assert.equal(edited, xe.replace('XenServer Virtual Machine Tools', 'xe-linux-distribution'));
  });

  it('replaces a continued description as a whole', () => {
    const edited = setLsbField(xe, 'Description', 'Reports.');
    assert.equal(
      edited,
      xe.replace(/# Description:.*\n.*distribution\.\n/, '# Description:       Reports.\n'),
    );
  });

  it('adds a missing field where it belongs, in the line ends of the script', () => {
    const crlf = xe.replaceAll('\n', '\r\n');
    const edited = setLsbField(crlf, 'Should-Start', 'cron');
    assert.equal(edited, crlf.replace('# Default-Start:', '# Should-Start:      cron\r\n# Default-Start:'));
    assert.equal(parseLsbHeader(edited)?.fields.get('Should-Start')?.value, 'cron');
  });

  it('has nothing to set without a complete block', () => {
    assert.equal(setLsbField('#!/bin/sh\n', 'Provides', 'a'), undefined);
    assert.equal(setLsbField('### BEGIN INIT INFO\n# Provides: a\n', 'Provides', 'a'), undefined);
  });

  it('keeps every other line byte for byte (property)', () => {
    const line = fc.oneof(
      fc.string().filter((text) => !/\n|#\s*provides/i.test(text) && !text.includes('INIT INFO')),
      fc.constantFrom('# Required-Start: a', '#  more', '\u00e9\udcff', ''),
    );
    fc.assert(
      fc.property(fc.array(line), fc.array(line), fc.boolean(), fc.boolean(), (above, inside, crlf, ends) => {
        const end = crlf ? '\r\n' : '\n';
        const lines = [...above, '### BEGIN INIT INFO', '# Provides: old', ...inside, '### END INIT INFO'];
        const text = lines.join(end) + (ends ? end : '');
        const edited = setLsbField(text, 'Provides', 'new') ?? '';
        assert.equal(parseLsbHeader(edited)?.fields.get('Provides')?.value, 'new');
        assert.equal(edited, text.replace('# Provides: old', '# Provides: new'));
      }),
    );
  });
});

describe('adding an LSB header', () => {
  const header = {
    provides: ['nova-agent'],
    requiredStart: ['xe-linux-distribution', '$remote_fs', '$syslog'],
    requiredStop: ['$remote_fs', '$syslog'],
    defaultStart: ['2', '3', '4', '5'],
    defaultStop: ['0', '1', '6'],
    shortDescription: 'Start nova-agent at boot time',
    description: 'nova-agent is a guest agent for OpenStack nova.',
  };

  it('puts it after the #! line and the comments below it', () => {
    const edited = addLsbHeader('#!/bin/sh\n# nova-agent\n\nexit 0\n', header);
    assert.equal(edited, `#!/bin/sh\n# nova-agent\n${printLsbHeader(header)}\nexit 0\n`);
  });

  it('keeps CRLF, Latin-1 and a missing last newline', () => {
    const script = decode(Buffer.from('#!/bin/sh\r\n# caf\xe9\r\nexit 0', 'latin1'));
    const edited = addLsbHeader(script, header);
    assert.ok(encode(edited).includes(Buffer.from('caf\xe9\r\n', 'latin1')));
    assert.ok(edited.endsWith('### END INIT INFO\r\nexit 0'));
    assert.equal(parseLsbHeader(edited)?.fields.get('Provides')?.value, 'nova-agent');
  });

  it('is read back as it was written (property)', () => {
    const word = fc.stringMatching(/^[$a-z][a-z0-9_-]{0,9}$/);
    const words = fc.array(word, { minLength: 1 });
    fc.assert(
      fc.property(fc.string(), words, words, (script, provides, requiredStart) => {
        fc.pre(!script.includes('INIT INFO'));
        const edited = addLsbHeader(script, { ...header, provides, requiredStart });
        const read = parseLsbHeader(edited);
        assert.ok(read?.end);
        assert.deepEqual(lsbFieldWords(read, 'Provides', true), provides);
        assert.deepEqual(lsbFieldWords(read, 'Required-Start', true), requiredStart);
      }),
    );
  });

  it('is never the cause of an exception when it is read (property)', () => {
    const mess = fc.array(
      fc.oneof(
        fc.string(),
        fc.constantFrom('### BEGIN INIT INFO', '### END INIT INFO', '# Provides:', '#\t', '\n', '\r\n', ':'),
      ),
    );
    fc.assert(
      fc.property(mess, (parts) => {
        parseLsbHeader(parts.join(''));
        parseLsbHeader(parts.join('\n'));
      }),
    );
  });
});
