import assert from 'node:assert/strict';
import { factsOf } from '../../../../../images/guest/fact.js';
import {
  type ScriptDiagnosis,
  scriptDiagnoses,
} from '../../../../../images/guest/init/sysv/script-diagnoses.js';
import { memoryImage } from '../../../../../images/image/memory.js';
import { type Files, brokenDebian6, daemon, debian, links, program, script } from './guests.js';

async function scriptOf(files: Files, name: string): Promise<ScriptDiagnosis> {
  const all = await factsOf(memoryImage(files))(scriptDiagnoses);
  const found = all.find((one) => one.name === name);
  assert.ok(found, `${name} is an init script`);
  return found;
}

describe('the fact of init scripts', () => {
  it('shows what is wrong with the broken Debian 6 server', async () => {
    const files = brokenDebian6('S20', 'S20');
    const nova = await scriptOf(files, 'nova-agent');
    assert.equal(nova.header, undefined);
    assert.deepEqual(nova.complaints, ["script 'nova-agent' missing LSB tags"]);
    assert.deepEqual(nova.chkconfig?.start, 15);
    const xe = await scriptOf(files, 'xe-linux-distribution');
    assert.deepEqual(xe.facilities, ['XenServer', 'Virtual', 'Machine', 'Tools']);
    assert.equal(xe.header?.fields.get('Provides')?.line, 3);
    assert.deepEqual(xe.complaints, []);
  });

  it('names the facilities that nothing provides', async () => {
    const files: Files = {
      ...brokenDebian6('S01', 'S02'),
      '/etc/init.d/x': daemon('x', 'xe-linux-distribution $syslog $portmap $all +maybe rsyslog'),
    };
    const x = await scriptOf(files, 'x');
    assert.deepEqual(x.unsatisfied, ['xe-linux-distribution', '$portmap']);
    assert.deepEqual(x.complaints, [
      'FATAL: service xe-linux-distribution has to be enabled to use service x',
    ]);
  });

  it('takes the system facilities of the standard for granted where no insserv.conf defines them', async () => {
    const files: Files = { '/etc/init.d/x': daemon('x', '$portmap $else') };
    assert.deepEqual((await scriptOf(files, 'x')).unsatisfied, ['$else']);
  });

  const complaints: [string, Files, RegExp | undefined][] = [
    [
      'a block that is never closed',
      { '/etc/init.d/x': program('### BEGIN INIT INFO\n# Provides: x\n') },
      /missing end/,
    ],
    ['a missing field', { '/etc/init.d/x': script({ Provides: 'x' }) }, /missing `Required-Start:'/],
    ['an empty Provides', { '/etc/init.d/x': daemon('') }, /missing valid name/],
    [
      'a service of another script',
      { '/etc/init.d/x': daemon('rsyslog') },
      /service rsyslog already provided by rsyslog/,
    ],
    [
      'a required service without links',
      { '/etc/init.d/x': daemon('x', 'y'), '/etc/init.d/y': daemon('y') },
      /service y has to be enabled to use service x/,
    ],
    ['nothing', { '/etc/init.d/x': daemon('x', 'rsyslog') }, undefined],
  ];
  for (const [what, files, said] of complaints) {
    it(`complains about ${what}`, async () => {
      const x = await scriptOf({ ...debian, ...files }, 'x');
      if (said) assert.match(x.complaints.join('\n'), said);
      else assert.deepEqual(x.complaints, []);
    });
  }

  it('reads an override in the place of the script', async () => {
    const files: Files = {
      ...debian,
      '/etc/init.d/nova-agent': program('#!/bin/sh\n'),
      '/etc/insserv/overrides/nova-agent': daemon('nova-agent', '$syslog'),
      ...links('nova-agent', 'S02', '2345'),
    };
    const nova = await scriptOf(files, 'nova-agent');
    assert.ok(nova.fromOverride);
    assert.equal(nova.headerPath, '/etc/insserv/overrides/nova-agent');
    assert.deepEqual(nova.complaints, []);
  });

  it('has nothing to say of a guest without init scripts', async () => {
    assert.deepEqual(await factsOf(memoryImage({ '/etc/passwd': '' }))(scriptDiagnoses), []);
  });
});
