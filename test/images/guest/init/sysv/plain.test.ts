import assert from 'node:assert/strict';
import { memoryImage } from '../../../../../images/image/memory.js';
import { disableScript, enableScript } from '../../../../../images/guest/init/sysv/index.js';
import { overlay } from '../../../../../images/image/overlay.js';
import {
  type Files,
  bareAgent,
  daemon,
  imageAfter,
  linkNames,
  links,
  oldXe,
  service,
  servicesOf,
} from './guests.js';

const scripts: Files = {
  '/usr/sbin/update-rc.d': '#!/usr/bin/perl\n',
  '/etc/init.d/xe-linux-distribution': oldXe,
  '/etc/init.d/nova-agent': bareAgent,
};

/** Ubuntu in its upstart years: update-rc.d numbers everything 20. */
const ubuntu: Files = {
  ...scripts,
  '/usr/lib/insserv/insserv': { content: '', mode: 0o755 },
  '/etc/insserv.conf': '$remote_fs +mountall\n',
  ...links('xe-linux-distribution', 'S20', '2345'),
  ...links('nova-agent', 'S20', '2345'),
  ...links('xe-linux-distribution', 'K20', '016'),
  ...links('nova-agent', 'K20', '016'),
};

/** A Debian without insserv: everything is 01. */
const debian: Files = {
  ...scripts,
  '/etc/init.d/xe-linux-distribution': daemon('xe-linux-distribution'),
  '/etc/init.d/nova-agent': daemon('nova-agent'),
  ...links('xe-linux-distribution', 'S01', '2345'),
  ...links('nova-agent', 'S01', '2345'),
};

describe('update-rc.d without insserv', () => {
  const cases: [string, Files, string[], string[]][] = [
    [
      'both S20',
      ubuntu,
      ['S19xe-linux-distribution', 'S20nova-agent'],
      ['K20nova-agent', 'K21xe-linux-distribution'],
    ],
    ['both S01', debian, ['S01xe-linux-distribution', 'S02nova-agent'], []],
    [
      'S30 for xe, with a stale S25',
      {
        ...scripts,
        ...links('xe-linux-distribution', 'S30', '2345'),
        ...links('xe-linux-distribution', 'S25', '2345'),
        ...links('nova-agent', 'S20', '2345'),
      },
      ['S19xe-linux-distribution', 'S20nova-agent'],
      [],
    ],
  ];
  for (const [what, files, start, stop] of cases) {
    it(`puts xe before the agent: ${what}`, async () => {
      const services = await servicesOf(files);
      const [xe, nova] = [service(services, 'xe-linux-distribution'), service(services, 'nova-agent')];
      for (const ordering of await services.order(xe, nova)) assert.notEqual(ordering.verdict, 'before');
      const changes = await services.putBefore(xe, nova);
      const image = await imageAfter(files, changes ?? []);
      for (const level of '2345') assert.deepEqual(await linkNames(image, `/etc/rc${level}.d`), start);
      assert.deepEqual(await linkNames(image, '/etc/rc0.d'), stop);
      assert.equal(await image.readLink(`/etc/rc2.d/${start[0] ?? ''}`), '../init.d/xe-linux-distribution');
    });
  }

  it('says that the same number is no order', async () => {
    const services = await servicesOf(ubuntu);
    const [ordering] = await services.order(
      service(services, 'xe-linux-distribution'),
      service(services, 'nova-agent'),
    );
    assert.equal(ordering?.because, 'both have number 20 in runlevel 2');
    assert.deepEqual(ordering.evidence, [
      { path: '/etc/rc2.d/S20xe-linux-distribution' },
      { path: '/etc/rc2.d/S20nova-agent' },
    ]);
  });

  it('enables with 20 where a script needs no header, else with 01 where its header says', async () => {
    const bare = await servicesOf(scripts);
    const image = await imageAfter(scripts, await bare.enable(service(bare, 'nova-agent')));
    assert.deepEqual(await linkNames(image, '/etc/rc2.d'), ['S20nova-agent']);
    assert.deepEqual(await linkNames(image, '/etc/rc6.d'), ['K20nova-agent']);
    const files: Files = { ...debian, '/etc/init.d/new': daemon('new'), '/etc/init.d/mute': bareAgent };
    const modern = await servicesOf(files);
    const after = await imageAfter(files, await modern.enable(service(modern, 'new')));
    assert.ok((await linkNames(after, '/etc/rc2.d')).includes('S01new'));
    assert.deepEqual(await linkNames(after, '/etc/rc1.d'), ['K01new']);
    assert.equal(service(modern, 'mute').state, 'static');
    assert.deepEqual(await modern.enable(service(modern, 'mute')), []);
  });

  for (const [files, killed] of [
    [ubuntu, 'K80nova-agent'],
    [debian, 'K01nova-agent'],
  ] as const) {
    it(`disables with ${killed}, and enables as it was`, async () => {
      const image = memoryImage(files);
      const off = await disableScript(image, 'nova-agent');
      const without = await overlay(image, off);
      assert.ok((await linkNames(without, '/etc/rc2.d')).includes(killed));
      const on = await enableScript(without, 'nova-agent');
      assert.deepEqual(
        await linkNames(await overlay(without, on), '/etc/rc2.d'),
        await linkNames(image, '/etc/rc2.d'),
      );
    });
  }

  it('knows no script of another name', async () => {
    await assert.rejects(enableScript(memoryImage(debian), 'nobody'), { code: 'no-service' });
  });

  it('does not call a link enabled that leads nowhere, or out of the guest', async () => {
    const services = await servicesOf({
      ...scripts,
      '/etc/rc2.d/S20nova-agent': { link: '/../../gone' },
      '/etc/rc2.d/S21nova-agent': { link: 'S21nova-agent' },
      '/etc/rc2.d/S20xe-linux-distribution': { link: '/etc/init.d/xe-linux-distribution' },
    });
    assert.equal(service(services, 'nova-agent').state, 'disabled');
    assert.equal(service(services, 'xe-linux-distribution').state, 'enabled');
  });
});
