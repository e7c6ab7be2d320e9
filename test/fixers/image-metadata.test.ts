import assert from 'node:assert/strict';
import { imageMetadata as check } from '../../checks/image-metadata.js';
import type { Metadata, Target } from '../../checks/lib/check.js';
import { imageMetadata } from '../../fixers/image-metadata.js';
import { memoryImage } from '../../images/image/memory.js';
import { installed } from '../support/facts.js';
import { planFor } from '../support/fixer-tester.js';
import { judge } from '../support/rule-tester.js';

async function plan(metadata: Metadata | undefined, target: Target, installedAgents = [installed()]) {
  const { changes, properties } = await planFor(
    imageMetadata,
    memoryImage({}),
    { installedAgents },
    { metadata, target },
  );
  assert.deepEqual(changes, []);
  return properties;
}

/** Applies what is proposed, and shows that the check then passes and nothing more is proposed. */
async function repaired(metadata: Metadata | undefined, target: Target) {
  const properties = await plan(metadata, target);
  const after = { ...metadata, ...Object.fromEntries(properties.map(({ name, value }) => [name, value])) };
  const facts = { installedAgents: [installed()] };
  assert.deepEqual(
    (await judge(check, { name: 'after', facts, context: { metadata: after, target } })).findings,
    [],
  );
  assert.deepEqual(await plan(after, target), []);
  return Object.fromEntries(properties.map(({ name, value, was }) => [name, [was, value]]));
}

describe('fixer image-metadata', () => {
  it('for cloud-init proposes all three when nothing is known', async () => {
    assert.deepEqual(await repaired(undefined, 'cloud-init'), {
      img_config_drive: [undefined, 'mandatory'],
      vm_mode: [undefined, 'hvm'],
      xenapi_use_agent: [undefined, 'False'],
    });
  });

  it('for cloud-init corrects value, spelling and type, and leaves what is right in its own spelling', async () => {
    const metadata = {
      img_config_drive: 'optional',
      vm_mode: 'xen',
      xenapi_use_agent: false,
      os_distro: 'debian',
    };
    assert.deepEqual(await repaired(metadata, 'cloud-init'), {
      img_config_drive: ['optional', 'mandatory'],
      vm_mode: ['xen', 'hvm'],
      xenapi_use_agent: [false, 'False'],
    });
    assert.deepEqual(
      await repaired({ img_config_drive: 'mandatory', vm_mode: 'hvm', xenapi_use_agent: 'no' }, 'cloud-init'),
      {},
    );
  });

  it('leaves a name that is there, corrects it where it contradicts, and sets the name that the Xen driver reads', async () => {
    const drive = { img_config_drive: 'mandatory' };
    assert.deepEqual(
      await repaired(
        { ...drive, vm_mode: 'hvm', hw_vm_mode: 'xen', xenapi_use_agent: 'False' },
        'cloud-init',
      ),
      { hw_vm_mode: ['xen', 'hvm'] },
    );
    assert.deepEqual(
      await repaired(
        { ...drive, vm_mode: 'xen', hw_vm_mode: 'HVM', xenapi_use_agent: 'False' },
        'cloud-init',
      ),
      { vm_mode: ['xen', 'hvm'] },
    );
    assert.deepEqual(await repaired({ ...drive, hw_vm_mode: 'hvm', img_use_agent: 'no' }, 'cloud-init'), {
      vm_mode: [undefined, 'hvm'],
      xenapi_use_agent: [undefined, 'False'],
    });
    assert.deepEqual(await repaired({ img_use_agent: 'False', xenapi_use_agent: 'True' }, 'nova-agent'), {
      img_use_agent: ['False', 'True'],
    });
  });

  it('for nova-agent asks for the agent where the image forbids it or says nothing clear', async () => {
    assert.deepEqual(await repaired({ xenapi_use_agent: 'False' }, 'nova-agent'), {
      xenapi_use_agent: ['False', 'True'],
    });
    assert.deepEqual(await repaired({ xenapi_use_agent: 'enabled' }, 'nova-agent'), {
      xenapi_use_agent: ['enabled', 'True'],
    });
    assert.deepEqual(await repaired({ xenapi_use_agent: true, img_config_drive: 'Optional' }, 'nova-agent'), {
      img_config_drive: ['Optional', 'optional'],
      xenapi_use_agent: [true, 'True'],
    });
    assert.deepEqual(await repaired({}, 'nova-agent'), {});
  });

  it('does not guess: a mode that Nova does not know, an agent that is not there', async () => {
    assert.deepEqual(await plan({ vm_mode: 'pvhvm' }, 'nova-agent'), []);
    assert.deepEqual(await plan({ xenapi_use_agent: 'False' }, 'nova-agent', []), []);
  });
});
