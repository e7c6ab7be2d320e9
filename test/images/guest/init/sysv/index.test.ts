import assert from 'node:assert/strict';
import { memoryImage } from '../../../../../images/image/memory.js';
import {
  type Files,
  brokenDebian6,
  daemon,
  debian,
  imageAfter,
  linkNames,
  links,
  program,
  script,
  service,
  servicesAfter,
  servicesOf,
} from './guests.js';

describe('the broken Debian 6 server', () => {
  for (const [xe, nova] of [
    ['S01', 'S02'],
    ['S02', 'S01'],
    ['S20', 'S20'],
    ['S02', 'S02'],
    ['S30', 'S20'],
  ] as const) {
    it(`with ${xe} for xe and ${nova} for the agent ends with xe before the agent`, async () => {
      const files = brokenDebian6(xe, nova);
      const services = await servicesOf(files);
      const [first, then] = [service(services, 'xe-linux-distribution'), service(services, 'nova-agent')];
      const verdicts = (await services.order(first, then)).map((one) => one.verdict);
      const expected = xe === nova ? 'unordered' : xe < nova ? 'before' : 'after';
      assert.deepEqual(verdicts, [expected, expected, expected, expected]);
      const changes = await services.putBefore(first, then);
      assert.ok(changes);
      if (expected === 'before') {
        assert.deepEqual(changes, []);
        return;
      }
      const image = await imageAfter(files, changes);
      assert.match(
        (await image.readText('/etc/init.d/xe-linux-distribution')) ?? '',
        /Provides: {10}xe-linux-distribution\n/,
      );
      assert.match(
        (await image.readText('/etc/init.d/nova-agent')) ?? '',
        /# Required-Start: {4}xe-linux-distribution /,
      );
      assert.deepEqual(await linkNames(image, '/etc/rc3.d'), [
        'S01rsyslog',
        'S02xe-linux-distribution',
        'S03nova-agent',
      ]);
      const after = await servicesAfter(files, changes);
      assert.deepEqual(
        await after.putBefore(service(after, 'xe-linux-distribution'), service(after, 'nova-agent')),
        [],
      );
    });
  }

  it('needs the rule in .depend.start as well once startpar reads it', async () => {
    const depend = (needs: string): Files => ({
      ...brokenDebian6('S01', 'S02'),
      '/sbin/startpar': program(''),
      '/etc/init.d/.depend.boot': 'TARGETS = mountall.sh\n',
      '/etc/init.d/.depend.start': `TARGETS = rsyslog xe-linux-distribution nova-agent\nINTERACTIVE =\nnova-agent: ${needs}\n`,
      '/etc/init.d/.depend.stop': 'TARGETS =\n',
    });
    const verdict = async (files: Files): Promise<[string | undefined, unknown]> => {
      const services = await servicesOf(files);
      const [ordering] = await services.order(
        service(services, 'xe-linux-distribution'),
        service(services, 'nova-agent'),
      );
      return [ordering?.verdict, ordering?.evidence[0]];
    };
    const rule = { path: '/etc/init.d/.depend.start', line: 3 };
    assert.deepEqual(await verdict(depend('rsyslog')), ['unordered', rule]);
    assert.equal((await verdict(depend('rsyslog xe-linux-distribution')))[0], 'before');
    const services = await servicesOf(depend('rsyslog'));
    const [xe, nova] = [service(services, 'xe-linux-distribution'), service(services, 'nova-agent')];
    const after = await servicesAfter(depend('rsyslog'), (await services.putBefore(xe, nova)) ?? []);
    const [repaired] = await after.order(
      service(after, 'xe-linux-distribution'),
      service(after, 'nova-agent'),
    );
    assert.deepEqual(repaired?.chain[0]?.evidence, { path: '/etc/init.d/.depend.start', line: 4 });
    const sequential = { ...depend('rsyslog'), '/etc/default/rcS': 'CONCURRENCY=none\n' };
    assert.equal((await verdict(sequential))[0], 'before');
    const legacy = { ...depend('rsyslog'), '/etc/init.d/.legacy-bootordering': '' };
    assert.equal((await verdict(legacy))[0], 'before');
  });

  it('is left alone where the order would be a loop', async () => {
    const files: Files = {
      ...debian,
      '/etc/init.d/xe': daemon('xe', 'nova-agent'),
      '/etc/init.d/nova-agent': daemon('nova-agent'),
      ...links('nova-agent', 'S01', '2345'),
      ...links('xe', 'S02', '2345'),
    };
    const services = await servicesOf(files);
    assert.equal(
      await services.putBefore(service(services, 'xe'), service(services, 'nova-agent')),
      undefined,
    );
  });

  it('says which runlevels start the agent alone, and draws them', async () => {
    const files: Files = {
      ...debian,
      '/etc/init.d/xe': daemon('xe'),
      '/etc/init.d/nova-agent': daemon('nova-agent'),
      ...links('nova-agent', 'S02', '23'),
      ...links('xe', 'S01', '3'),
    };
    const services = await servicesOf(files);
    const orderings = await services.order(service(services, 'xe'), service(services, 'nova-agent'));
    assert.deepEqual(
      orderings.map(({ graph, verdict, because }) => [graph, verdict, because]),
      [
        ['runlevel 2', 'unordered', 'runlevel 2 starts nova-agent but not xe'],
        ['runlevel 3', 'before', 'S01 comes before S02'],
      ],
    );
    const graphs = await services.graphs();
    assert.deepEqual(
      graphs.map((graph) => graph.name),
      ['runlevel 2', 'runlevel 3', 'runlevel 4', 'runlevel 5'],
    );
    assert.deepEqual([...(graphs[1]?.nodes ?? [])].sort(), ['mountall.sh', 'nova-agent', 'rsyslog', 'xe']);
    assert.deepEqual(
      graphs[1]?.edges.map((edge) => [edge.first, edge.then, edge.evidence?.path]),
      [
        ['mountall.sh', 'rsyslog', '/etc/rc3.d/S01rsyslog'],
        ['mountall.sh', 'xe', '/etc/rc3.d/S01xe'],
        ['rsyslog', 'nova-agent', '/etc/rc3.d/S02nova-agent'],
        ['xe', 'nova-agent', '/etc/rc3.d/S02nova-agent'],
      ],
    );
  });

  it('takes an override in hand where one speaks for the script', async () => {
    const files: Files = {
      ...debian,
      '/etc/init.d/xe': daemon('xe', '$syslog'),
      '/etc/init.d/nova-agent': program('#!/bin/sh\n'),
      '/etc/insserv/overrides/nova-agent': script({
        Provides: 'nova-agent',
        'Required-Start': '$syslog',
        'Required-Stop': '',
        'Default-Start': '2 3 4 5',
        'Default-Stop': '0 1 6',
      }),
      ...links('nova-agent', 'S02', '2345'),
      ...links('xe', 'S02', '2345'),
    };
    const services = await servicesOf(files);
    const changes = await services.putBefore(service(services, 'xe'), service(services, 'nova-agent'));
    const image = await imageAfter(files, changes ?? []);
    assert.equal(await image.readText('/etc/init.d/nova-agent'), '#!/bin/sh\n');
    assert.match(
      (await image.readText('/etc/insserv/overrides/nova-agent')) ?? '',
      /Required-Start: xe \$syslog/,
    );
    assert.deepEqual(await linkNames(image, '/etc/rc2.d'), ['S01rsyslog', 'S02xe', 'S03nova-agent']);
  });

  it('is not judged at all when a script cannot be read', async () => {
    const image = memoryImage({ ...debian, '/etc/init.d/huge': { content: '', mode: 0o755, size: 1e9 } });
    const { sysvServices } = await import('../../../../../images/guest/init/sysv/index.js');
    await assert.rejects(sysvServices(image), { code: 'too-large' });
  });
});
