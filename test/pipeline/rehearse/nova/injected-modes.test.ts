import assert from 'node:assert/strict';
import { memoryImage } from '../../../../images/image/memory.js';
import { modeOfNewFile, withModes } from '../../../../pipeline/rehearse/nova/injected-modes.js';
import { readScenario } from '../../../../pipeline/rehearse/scenario-file.js';
import type { InjectedFile, Scenario } from '../../../../pipeline/rehearse/scenario.js';

const shipped = await readScenario();

function withFile(file: InjectedFile): Scenario {
  return { ...shipped, rounds: [{ name: 'one', send: ['version', { injectfile: file }] }] };
}

async function modeOf(
  file: InjectedFile,
  files: Parameters<typeof memoryImage>[0],
  agent: Parameters<typeof withModes>[2],
): Promise<string | undefined> {
  const { rounds } = await withModes(withFile(file), memoryImage(files), agent);
  const step = rounds[0]?.send[1];
  return typeof step === 'object' && 'injectfile' in step ? step.injectfile.mode : assert.fail();
}

describe('the mode of an injected file', () => {
  // commands/file_inject.py of 1.x, and novaagent/common/file_inject.py at the tags of 2.x.
  for (const [generation, version, mode] of [
    [1, '1.39.1', '0644'],
    [1, undefined, '0644'],
    [2, '2.0.3', '0644'],
    [2, '2.1.10', '0644'],
    [2, '2.1.11', '0600'],
    [2, '2.1.25', '0600'],
    [2, undefined, undefined],
  ] as const) {
    it(`is ${mode ?? 'not judged'} where the agent is ${version ?? `a ${generation}.x that does not tell its version`}`, () => {
      assert.equal(modeOfNewFile({ generation, version }), mode);
    });
  }

  const agent = { generation: 2, version: '2.1.25' } as const;
  const file = { path: '/etc/motd', contents: 'hello\n' };

  it('is the one that the file has, which every release keeps', async () => {
    const there = { '/etc/motd': { content: 'old', mode: 0o640 } };
    assert.equal(await modeOf(file, there, agent), '0640');
    assert.equal(await modeOf(file, {}, agent), '0600');
  });

  it('is the one that the scenario names', async () => {
    assert.equal(await modeOf({ ...file, mode: '0755' }, {}, agent), '0755');
  });

  it('is not judged where nothing is known of the agent, or the path cannot be looked at', async () => {
    assert.equal(await modeOf(file, {}, undefined), undefined);
    const loop = { '/etc': { link: '/etc' } };
    assert.equal(await modeOf(file, loop, agent), '0600');
  });

  it('changes nothing else of the scenario', async () => {
    const played = await withModes(shipped, memoryImage({}), undefined);
    assert.deepEqual(played, shipped);
  });
});
