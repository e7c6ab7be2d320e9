import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  parseInterfaces,
  withSource,
  withoutAuto,
  withoutStanzas,
  withoutStatement,
} from '../../../images/formats/interfaces.js';
import { offMarker, splitLines } from '../../../images/formats/lines.js';

const sample = `# a comment
auto lo eth0
iface lo inet loopback

auto tun0
iface tun0 inet static
    address 10.0.0.1
    pre-up openvpn --mktun \\
        --dev tun0
source /etc/network/interfaces.d/*
source-directory /etc/network/more
`;

describe('formats/interfaces', () => {
  it('gives autos, stanzas with options, and sources, with lines', () => {
    const { autos, stanzas, sources } = parseInterfaces(sample);
    assert.deepEqual(autos, [
      { keyword: 'auto', names: ['lo', 'eth0'], line: 2 },
      { keyword: 'auto', names: ['tun0'], line: 5 },
    ]);
    assert.deepEqual(
      stanzas.map(({ name, method, line }) => [name, method, line]),
      [
        ['lo', 'loopback', 3],
        ['tun0', 'static', 6],
      ],
    );
    assert.deepEqual(
      stanzas[1]?.options.map(({ key, line }) => [key, line]),
      [
        ['address', 7],
        ['pre-up', 8],
      ],
    );
    assert.match(stanzas[1].options[1]!.value, /^openvpn --mktun +--dev tun0$/);
    assert.deepEqual(sources, [
      { keyword: 'source', pattern: '/etc/network/interfaces.d/*', line: 10 },
      { keyword: 'source-directory', pattern: '/etc/network/more', line: 11 },
    ]);
  });

  it('ends a stanza at auto, mapping and source', () => {
    const { stanzas } = parseInterfaces('iface a inet dhcp\nmapping b\n up x\nauto c\n up y\n');
    assert.deepEqual(stanzas[0]?.options, []);
  });

  it('takes a name out of auto, and comments out a statement that is left with none', () => {
    assert.equal(withoutAuto('auto lo tun0 eth0\n', ['tun0']), 'auto lo eth0\n');
    assert.equal(
      withoutAuto('allow-hotplug tun0\r\niface tun0\r\n', ['tun0']),
      `${offMarker}allow-hotplug tun0\r\niface tun0\r\n`,
    );
    assert.equal(withoutAuto('auto a \\\n  tun0\nx\n', ['tun0']), 'auto a\nx\n');
    assert.equal(
      withoutAuto('auto tun0 \\\n  tun1\nx\n', ['tun0', 'tun1']),
      `${offMarker}auto tun0 \n${offMarker}  tun1\nx\n`,
    );
  });

  it('comments out a statement over all its lines', () => {
    const edited = withoutStatement(sample, 8);
    assert.deepEqual(
      parseInterfaces(edited).stanzas[1]?.options.map(({ key }) => key),
      ['address'],
    );
    assert.equal(splitLines(edited).length, splitLines(sample).length);
    assert.equal(withoutStatement(sample, 9), sample, 'no statement starts there');
  });

  const line = fc.constantFrom(
    'auto tun0',
    'auto lo tun0',
    'allow-hotplug eth0',
    'iface tun0 inet static',
    ' up x \\',
    ' up y',
    '# c',
    '',
    '\\',
    'source a',
    'mapping z',
    '\r',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(line).map((lines) => lines.join('\n')),
  );

  it('never throws, and an edit leaves nothing that brings the interface up', () => {
    fc.assert(
      fc.property(text, (input) => {
        const edited = withoutAuto(input, ['tun0']);
        assert.ok(!parseInterfaces(edited).autos.some(({ names }) => names.includes('tun0')));
        assert.deepEqual(
          parseInterfaces(edited).stanzas.map(({ name }) => name),
          parseInterfaces(input).stanzas.map(({ name }) => name),
        );
        assert.equal(withoutAuto(edited, ['tun0']), edited);
      }),
    );
  });

  it('keeps every line that does not name the interface', () => {
    fc.assert(
      fc.property(text, (input) => {
        const others = (all: string): string[] =>
          splitLines(all)
            .map((found) => found.text)
            .filter((found) => !/tun0|\\|^auto|^# off/.test(found));
        assert.deepEqual(
          others(withoutAuto(input, ['tun0'])).filter((found) => found !== ''),
          others(input).filter((found) => found !== ''),
        );
      }),
    );
  });

  it('takes stanzas out, and nothing else', () => {
    const isTun = ({ name }: { name: string }): boolean => name === 'tun0';
    fc.assert(
      fc.property(text, (input) => {
        const edited = withoutStanzas(input, isTun);
        const [before, after] = [parseInterfaces(input), parseInterfaces(edited)];
        const rest = before.stanzas.filter((stanza) => !isTun(stanza));
        // Of a statement over several lines that is cut short, the lines are fewer.
        const said = (all: readonly unknown[]): string => JSON.stringify(all).replaceAll(/"line":\d+/g, '');
        assert.equal(said(after.stanzas), said(rest));
        assert.equal(said(after.sources), said(before.sources));
        assert.equal(withoutStanzas(edited, isTun), edited);
        if (rest.length === before.stanzas.length) assert.equal(edited, input);
      }),
    );
  });

  it('keeps an interface in auto as long as it has a stanza left', () => {
    const both = 'auto eth0\niface eth0 inet static\n address 1\niface eth0 inet6 auto\n';
    const edited = withoutStanzas(both, ({ method }) => method === 'static');
    assert.deepEqual(parseInterfaces(edited).autos[0]?.names, ['eth0']);
    assert.equal(edited.split('\n').filter((line) => line.startsWith(offMarker)).length, 2);
  });

  it('adds a source behind whatever there is', () => {
    assert.equal(withSource('', '/a/*'), 'source /a/*\n');
    assert.equal(withSource('auto lo', '/a/*'), 'auto lo\nsource /a/*\n');
    fc.assert(
      fc.property(text, (input) => {
        const { sources, stanzas } = parseInterfaces(withSource(input, '/a/*'));
        assert.equal(sources.at(-1)?.pattern, '/a/*');
        const names = (all: typeof stanzas): string[] => all.map(({ name }) => name);
        assert.deepEqual(names(stanzas), names(parseInterfaces(input).stanzas));
      }),
    );
  });
});
