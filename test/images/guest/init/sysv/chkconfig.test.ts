import assert from 'node:assert/strict';
import {
  type Files,
  bareAgent,
  citrixProvides,
  imageAfter,
  linkNames,
  links,
  oldXe,
  program,
  script,
  service,
  servicesAfter,
  servicesOf,
} from './guests.js';

const redHat = '/etc/rc.d';

/** CentOS 6: everything below /etc/rc.d, with the usual links to it. */
const centos: Files = {
  '/sbin/chkconfig': program(''),
  '/etc/inittab': '# Default runlevel\nid:3:initdefault:\n',
  '/etc/init.d': { link: 'rc.d/init.d' },
  '/etc/rc.d/init.d/functions': '# no service',
  '/etc/rc.d/init.d/xe-linux-distribution': oldXe,
  '/etc/rc.d/init.d/nova-agent': bareAgent,
};

const both = (xe: string, nova: string): Files => ({
  ...centos,
  ...links('xe-linux-distribution', xe, '2345', redHat),
  ...links('nova-agent', nova, '2345', redHat),
});

describe('chkconfig', () => {
  it('enables by the numbers of the chkconfig lines, with kill links elsewhere', async () => {
    const services = await servicesOf(centos);
    const xe = service(services, 'xe-linux-distribution');
    assert.equal(xe.state, 'disabled');
    assert.deepEqual(xe.aliases, citrixProvides.split(' '));
    const changes = [
      ...(await services.enable(xe)),
      ...(await services.enable(service(services, 'nova-agent'))),
    ];
    const image = await imageAfter(centos, changes);
    assert.deepEqual(await linkNames(image, '/etc/rc.d/rc3.d'), [
      'S14xe-linux-distribution',
      'S15nova-agent',
    ]);
    assert.deepEqual(await linkNames(image, '/etc/rc.d/rc6.d'), [
      'K85nova-agent',
      'K86xe-linux-distribution',
    ]);
    assert.equal(await image.readLink('/etc/rc.d/rc3.d/S15nova-agent'), '../init.d/nova-agent');
    const after = await servicesAfter(centos, changes);
    const agent = service(after, 'nova-agent');
    assert.equal(agent.state, 'enabled');
    assert.deepEqual(agent.evidence, [{ path: '/etc/rc.d/rc3.d/S15nova-agent' }]);
    assert.deepEqual(await after.enable(agent), []);
    const verdicts = (await after.order(service(after, 'xe-linux-distribution'), agent)).map(
      (one) => one.verdict,
    );
    assert.deepEqual(verdicts, ['before', 'before', 'before', 'before']);
  });

  it('disables in 2 to 5 by kill links', async () => {
    const files = both('S14', 'S15');
    const services = await servicesOf(files);
    const changes = await services.disable(service(services, 'nova-agent'));
    const image = await imageAfter(files, changes);
    assert.deepEqual(await linkNames(image, '/etc/rc.d/rc5.d'), [
      'K85nova-agent',
      'S14xe-linux-distribution',
    ]);
    const after = await servicesAfter(files, changes);
    assert.equal(service(after, 'nova-agent').state, 'disabled');
    assert.deepEqual(
      (await after.order(service(after, 'xe-linux-distribution'), service(after, 'nova-agent'))).length,
      0,
    );
  });

  it('starts a service after those its LSB header requires', async () => {
    const files: Files = {
      ...both('S30', 'S15'),
      '/etc/rc.d/init.d/other': script(
        { Provides: 'other', 'Required-Start': 'xe-linux-distribution', 'Default-Start': '3 5' },
        '# chkconfig: 35 20 80\n',
      ),
    };
    const services = await servicesOf(files);
    const image = await imageAfter(files, await services.enable(service(services, 'other')));
    assert.ok((await linkNames(image, '/etc/rc.d/rc3.d')).includes('S31other'));
  });

  const wrong: [string, string, string[]][] = [
    ['S20', 'S20', ['S14xe-linux-distribution', 'S15nova-agent']],
    ['S80', 'S15', ['S14xe-linux-distribution', 'S15nova-agent']],
  ];
  for (const [xe, nova, expected] of wrong) {
    it(`puts ${xe} before ${nova} by the numbers of the lines`, async () => {
      const files = both(xe, nova);
      const services = await servicesOf(files);
      const [first, then] = [service(services, 'xe-linux-distribution'), service(services, 'nova-agent')];
      const changes = await services.putBefore(first, then);
      assert.deepEqual(await linkNames(await imageAfter(files, changes ?? []), '/etc/rc.d/rc3.d'), expected);
      assert.ok(!changes?.some((change) => change.kind === 'write'));
    });
  }

  it('rewrites the line where the lines are the fault', async () => {
    const files: Files = {
      ...both('S14', 'S10'),
      '/etc/rc.d/init.d/nova-agent': program('#!/bin/sh\n# chkconfig: 2345 10 90\nexit 0\n'),
      ...links('nova-agent', 'K90', '016', redHat),
    };
    const services = await servicesOf(files);
    const changes = await services.putBefore(
      service(services, 'xe-linux-distribution'),
      service(services, 'nova-agent'),
    );
    const image = await imageAfter(files, changes ?? []);
    assert.equal(
      await image.readText('/etc/rc.d/init.d/nova-agent'),
      '#!/bin/sh\n# chkconfig: 2345 15 85\nexit 0\n',
    );
    assert.deepEqual(await linkNames(image, '/etc/rc.d/rc3.d'), [
      'S14xe-linux-distribution',
      'S15nova-agent',
    ]);
    assert.deepEqual(await linkNames(image, '/etc/rc.d/rc0.d'), ['K85nova-agent']);
  });

  it('cannot manage a script that says nothing', async () => {
    const files: Files = { ...centos, '/etc/rc.d/init.d/mute': program('#!/bin/sh\n') };
    const services = await servicesOf(files);
    assert.equal(service(services, 'mute').state, 'static');
    assert.deepEqual(await services.enable(service(services, 'mute')), []);
  });

  it('has no cycles', async () => {
    const services = await servicesOf({
      ...centos,
      '/etc/rc.d/init.d/a': script({ Provides: 'a', 'Required-Start': 'b' }),
      '/etc/rc.d/init.d/b': script({ Provides: 'b', 'Required-Start': 'a' }),
    });
    assert.deepEqual(await services.cycles(['a', 'b']), []);
  });
});
