import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseDependFile, printDependFile, waitsFor } from '../../../images/formats/depend-file.js';

const start = `TARGETS = rsyslog xe-linux-distribution cron nova-agent
INTERACTIVE = cron
cron: rsyslog
nova-agent: cron xe-linux-distribution
`;

describe('a .depend file', () => {
  it('is read with its lines', () => {
    const file = parseDependFile(start);
    assert.deepEqual(file.targets, ['rsyslog', 'xe-linux-distribution', 'cron', 'nova-agent']);
    assert.deepEqual(file.interactive, ['cron']);
    assert.deepEqual(file.rules.get('nova-agent'), { needs: ['cron', 'xe-linux-distribution'], line: 4 });
  });

  it('tells who waits for whom, also through others', () => {
    const file = parseDependFile(start);
    assert.deepEqual(
      waitsFor(file, 'nova-agent', 'xe-linux-distribution')?.map(([name]) => name),
      ['nova-agent'],
    );
    assert.deepEqual(
      waitsFor(file, 'nova-agent', 'rsyslog')?.map(([name]) => name),
      ['nova-agent', 'cron'],
    );
    assert.equal(waitsFor(file, 'xe-linux-distribution', 'nova-agent'), undefined);
    assert.equal(waitsFor(parseDependFile('a: b\nb: a\n'), 'a', 'c'), undefined);
  });

  it('is printed as insserv prints it', () => {
    assert.equal(printDependFile(parseDependFile(start)), start);
    const stop = 'TARGETS = a b\nb: a\n';
    assert.equal(printDependFile(parseDependFile(stop)), stop);
  });

  it('survives the round trip (property)', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}$/);
    fc.assert(
      fc.property(fc.array(name), fc.dictionary(name, fc.array(name)), (targets, rules) => {
        const file = {
          targets,
          interactive: targets.slice(1),
          rules: new Map(
            Object.entries(rules).map(([script, needs], at) => [script, { needs, line: at + 3 }]),
          ),
        };
        assert.deepEqual(parseDependFile(printDependFile(file)), file);
      }),
    );
  });

  it('is never the cause of an exception (property)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('TARGETS =', 'a: b', 'b: a', '\n'))),
        (parts) => {
          const file = parseDependFile(parts.join('\n'));
          waitsFor(file, 'a', 'z');
        },
      ),
    );
  });
});
