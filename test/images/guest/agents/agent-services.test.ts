import assert from 'node:assert/strict';
import { installedAgents } from '../../../../images/guest/agents/agent-services.js';
import { agents } from '../../../../images/guest/agents/agents.js';
import type { Agent } from '../../../../images/guest/agents/agent.js';
import type { Gather, Gatherable } from '../../../../images/guest/fact.js';
import { missingPrograms } from '../../../../images/guest/init/exec-paths.js';
import { services } from '../../../../images/guest/init/services.js';
import type { Service } from '../../../../images/guest/init/service.js';
import { xe } from '../../../../images/guest/agents/xe.js';
import { type MemoryNode, memoryImage } from '../../../../images/image/memory.js';
import { aScript, aService, agent1, agent2, anXe, someServices, xeService } from '../../../support/facts.js';

/** Gives the facts below as told, and computes the one that is asked for from the image. */
function ask<T>(
  fact: Gatherable<T>,
  files: Readonly<Record<string, MemoryNode>>,
  all: readonly Service[],
  known: readonly Agent[],
): Promise<T> {
  const image = memoryImage(files);
  const given = new Map<Gatherable<unknown>, unknown>([
    [agents, known],
    [services, someServices({ all })],
    [xe, anXe()],
  ]);
  const get: Gather = async <U>(other: Gatherable<U>): Promise<U> =>
    given.has(other) ? (given.get(other) as U) : other.gather(image, get);
  return get(fact);
}

const both = [agent2(), agent1()];

async function owners(
  files: Readonly<Record<string, MemoryNode>>,
  all: readonly Service[],
  known = both,
): Promise<string[]> {
  const found = await ask(installedAgents, files, all, known);
  return found.map(({ generation, services: own }) => `${generation}: ${own.map(({ id }) => id).join(' ')}`);
}

describe('which services belong to which agent', () => {
  it('a lone agent has every service of its names, enabled ones first', async () => {
    const all = [aService({ state: 'disabled' }), aService({ name: 'python3-nova-agent' }), xeService()];
    assert.deepEqual(await owners({}, all, [agent2()]), ['2: python3-nova-agent.service nova-agent.service']);
  });

  it('of two agents the one whose program the unit starts', async () => {
    const old = aService({ exec: [{ program: '/usr/sbin/nova-agent', evidence: { path: '/x' } }] });
    assert.deepEqual(await owners({}, [old, aService({ name: 'python3-nova-agent' })]), [
      '2: python3-nova-agent.service',
      '1: nova-agent.service',
    ]);
  });

  it('of two agents the one whose tree the script names', async () => {
    const files = {
      '/etc/init.d/nova-agent': { link: '/usr/share/nova-agent/1.39.1/etc/generic/nova-agent' },
      '/usr/share/nova-agent/1.39.1/etc/generic/nova-agent':
        '#!/bin/sh\nlib=/usr/share/nova-agent/1.39.1/lib\n',
    };
    assert.deepEqual(await owners(files, [aScript()]), ['2: ', '1: nova-agent']);
  });

  it('of two agents the newer, when the script names the program in /usr/bin, or none, or is gone', async () => {
    const texts: MemoryNode[] = ['DAEMON=/usr/bin/nova-agent\n', '#!/bin/sh\n', { link: '/nowhere' }];
    for (const text of texts) {
      assert.deepEqual(await owners({ '/etc/init.d/nova-agent': text }, [aScript()]), [
        '2: nova-agent',
        '1: ',
      ]);
    }
  });
});

describe('what services start in vain', () => {
  const exec = (program: string) => [
    { program, evidence: { path: '/lib/systemd/system/nova-agent.service', line: 8 } } as const,
  ];
  const problems = async (
    program: string,
    files: Readonly<Record<string, MemoryNode>>,
    state: Service['state'] = 'enabled',
  ) => {
    const all = [aService({ exec: exec(program), state })];
    return (await ask(missingPrograms, files, all, [agent2()])).map(({ problem }) => problem);
  };
  const program = { content: '#!/usr/bin/env python3\n', mode: 0o755 };

  it('nothing, when the program is there', async () => {
    assert.deepEqual(await problems('/usr/bin/nova-agent', { '/usr/bin/nova-agent': program }), []);
    assert.deepEqual(
      await problems('/bin/nova-agent', { '/bin': { link: 'usr/bin' }, '/usr/bin/nova-agent': program }),
      [],
    );
    assert.deepEqual(await problems('nova-agent', { '/usr/bin/nova-agent': program }), []);
  });

  it('a program that is missing, a directory, empty, or not executable', async () => {
    assert.deepEqual(await problems('/usr/bin/nova-agent', {}), ['missing']);
    assert.deepEqual(await problems('nova-agent', {}), ['missing']);
    assert.deepEqual(await problems('/usr/bin/nova-agent', { '/usr/bin/nova-agent': { link: '../gone' } }), [
      'missing',
    ]);
    assert.deepEqual(await problems('/usr/bin/nova-agent', { '/usr/bin/nova-agent/x': '' }), ['no-file']);
    for (const file of ['#!/bin/sh\n', { content: '', mode: 0o755 }]) {
      assert.deepEqual(await problems('/usr/bin/nova-agent', { '/usr/bin/nova-agent': file }), [
        'not-executable',
      ]);
    }
  });

  // "Command /usr/bin/${A} is not executable: No such file or directory", says `systemd-analyze verify` with A set.
  it('a variable, which systemd fills in for arguments alone', async () => {
    assert.deepEqual(await problems('/usr/bin/${BIN}', {}), ['missing']);
  });

  it('not what only the running system knows, and not what is masked', async () => {
    assert.deepEqual(await problems('/opt/%i/nova-agent', {}), []);
    assert.deepEqual(await problems('/usr/bin/nova-agent', {}, 'masked'), []);
  });

  for (const [text, expected] of [
    ['#!/bin/sh\n', []],
    ['#! /bin/sh -e\n', []],
    ['echo\n', []],
    ['#!/bin/sh\r\n', ['no-interpreter']],
    ['#!/sbin/runscript\n', ['no-interpreter']],
  ] as const) {
    it(`a script that begins with ${JSON.stringify(text)}: ${expected[0] ?? 'nothing'}`, async () => {
      const files = { '/etc/init.d/nova-agent': { content: text, mode: 0o755 }, '/bin/sh': program };
      const found = await ask(missingPrograms, files, [aScript()], [agent2()]);
      assert.deepEqual(
        found.map(({ problem }) => problem),
        expected,
      );
    });
  }

  it('a unit that names no program, which systemd refuses', async () => {
    const found = await ask(missingPrograms, {}, [aService({ exec: [] })], [agent2()]);
    assert.deepEqual(
      found.map(({ problem, evidence }) => [problem, evidence.path]),
      [['unnamed', '/lib/systemd/system/nova-agent.service']],
    );
  });

  it('says whose service it is, and where it is written', async () => {
    const all = [xeService({ exec: exec('/usr/share/oem/xs/xe-daemon') })];
    assert.deepEqual(await ask(missingPrograms, {}, all, []), [
      {
        of: 'xe',
        service: 'xe-linux-distribution.service',
        program: '/usr/share/oem/xs/xe-daemon',
        problem: 'missing',
        evidence: { path: '/lib/systemd/system/nova-agent.service', line: 8 },
      },
    ]);
  });
});
