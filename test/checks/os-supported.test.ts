import assert from 'node:assert/strict';
import { endOfLife } from '../../checks/lib/os-support.js';
import { osSupported, example } from '../../checks/os-supported.js';
import { agent1, agent2, anOs, centos72, squeeze } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const gentoo = anOs({
  family: 'gentoo',
  id: 'gentoo',
  name: 'Gentoo',
  version: undefined,
  evidence: '/etc/gentoo-release',
});
const alma = centos72({ id: 'almalinux', name: 'AlmaLinux', version: '9.3' });

testRule(osSupported, {
  example,
  pass: [
    { name: 'Debian 12', facts: { agents: [agent2()], os: anOs() } },
    { name: 'on its very last day', facts: { agents: [], os: anOs() }, context: { today: '2028-06-30' } },
    { name: '1.x on Gentoo, which has no releases', facts: { agents: [agent1()], os: gentoo } },
    { name: '2.x on a rebuild of Red Hat', facts: { agents: [agent2()], os: alma } },
    {
      name: 'for cloud-init the agent does not count',
      facts: { agents: [agent2()], os: gentoo },
      context: { target: 'cloud-init' },
    },
  ],
  fail: [
    {
      name: 'Debian 6',
      facts: { agents: [agent1()], os: squeeze() },
      findings: [
        {
          message: 'end-of-life',
          severity: 'warning',
          path: '/etc/debian_version',
          text: 'Debian GNU/Linux 6.0.1 has had no free security updates since 2016-02-29',
        },
      ],
    },
    {
      name: 'the day after',
      facts: { agents: [], os: anOs() },
      context: { today: '2028-07-01' },
      findings: [{ message: 'end-of-life' }],
    },
    {
      name: 'a release that is not in the table',
      facts: { agents: [], os: anOs({ version: '99' }) },
      findings: [{ message: 'not-known', severity: 'info' }],
    },
    {
      name: '2.x on Gentoo',
      facts: { agents: [agent2()], os: gentoo },
      findings: [{ message: 'not-served-by-2x', severity: 'error', path: '/usr/bin/nova-agent' }],
    },
    {
      name: '1.x on Alpine',
      facts: { agents: [agent1()], os: anOs({ family: 'alpine', id: 'alpine', version: undefined }) },
      findings: [{ message: 'not-served-by-1x', severity: 'error' }],
    },
    {
      name: '1.x on a rebuild of Red Hat',
      facts: { agents: [agent1()], os: alma },
      findings: [{ message: 'not-served-by-1x', severity: 'warning' }],
    },
  ],
});

describe('end of life', () => {
  const table: readonly [id: string, version: string | undefined, end: string | undefined][] = [
    ['debian', '6.0.1', '2016-02-29'],
    ['debian', '12', '2028-06-30'],
    ['ubuntu', '14.04', '2019-04-25'],
    ['ubuntu', '14.04.6', '2019-04-25'],
    ['ubuntu', '14', undefined],
    ['centos', '7.2.1511', '2024-06-30'],
    ['rhel', '8.10', '2029-05-31'],
    ['fedora', '38', '2024-05-21'],
    ['opensuse-leap', '15.5', '2024-12-31'],
    ['opensuse', '42.3', '2019-07-01'],
    ['sles', '12.5', '2024-10-31'],
    ['sles', '15.3', '2022-12-31'],
    ['sles', '15.7', '2031-07-31'],
    ['arch', undefined, undefined],
    ['unheard-of', '1', undefined],
    ['toString', '1', undefined],
    ['debian', 'sid', undefined],
  ];
  for (const [id, version, end] of table) {
    it(`${id} ${version ?? '(rolling)'}: ${end ?? 'not known'}`, () => {
      assert.equal(endOfLife(anOs({ id, version })), end);
    });
  }
});
