import assert from 'node:assert/strict';
import fc from 'fast-check';
import { imageMetadata, example } from '../../checks/image-metadata.js';
import { satisfies, stated, strictBoolean } from '../../checks/lib/image-properties.js';
import { aService, agent2, installed } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const right = { img_config_drive: 'mandatory', vm_mode: 'hvm', xenapi_use_agent: 'False' };
const forCloudInit = (metadata: Record<string, unknown>) => ({
  facts: { installedAgents: [] },
  context: { target: 'cloud-init', metadata } as const,
});
const forAgent = (metadata: Record<string, unknown>, installedAgents = [installed()]) => ({
  facts: { installedAgents },
  context: { target: 'nova-agent', metadata } as const,
});

testRule(imageMetadata, {
  example,
  pass: [
    { name: 'all three, for cloud-init', ...forCloudInit(right) },
    { name: 'a boolean in another spelling', ...forCloudInit({ ...right, xenapi_use_agent: 'no' }) },
    { name: 'nothing said, for nova-agent', ...forAgent({ os_distro: 'debian' }) },
    {
      name: 'the agent asked for',
      ...forAgent({ xenapi_use_agent: 'TRUE', vm_mode: 'hvm', img_config_drive: 'optional' }),
    },
  ],
  fail: [
    {
      name: 'not given, for cloud-init',
      facts: { installedAgents: [] },
      context: { target: 'cloud-init' },
      findings: [{ message: 'unknown', severity: 'warning', text: 'vm_mode=hvm' }],
    },
    {
      name: 'none of the three',
      ...forCloudInit({}),
      findings: [
        { message: 'missing', severity: 'error', text: 'img_config_drive is not set; it must be mandatory' },
        { message: 'missing', severity: 'error', text: 'vm_mode is not set; it must be hvm' },
        { message: 'missing', severity: 'error', text: 'xenapi_use_agent is not set; it must be False' },
      ],
    },
    {
      name: 'wrong values',
      ...forCloudInit({ img_config_drive: 'optional', vm_mode: 'xen', xenapi_use_agent: 'True' }),
      findings: [
        { message: 'wrong', severity: 'error', text: 'img_config_drive is "optional"' },
        { message: 'wrong', severity: 'error', text: 'vm_mode is "xen"; it must be hvm' },
        { message: 'wrong', severity: 'error', text: 'xenapi_use_agent is "True"; it must be False' },
      ],
    },
    {
      name: 'a word that is no boolean',
      ...forCloudInit({ ...right, xenapi_use_agent: 'disabled' }),
      findings: [{ message: 'wrong', severity: 'error' }],
    },
    {
      name: 'nearly right',
      ...forCloudInit({ ...right, img_config_drive: 'Mandatory', vm_mode: 'HVM' }),
      findings: [
        { message: 'not-exact', severity: 'warning', text: 'mandatory' },
        { message: 'not-exact', severity: 'warning', text: 'hvm' },
      ],
    },
    {
      name: 'a JSON boolean of the right value',
      ...forCloudInit({ ...right, xenapi_use_agent: false }),
      findings: [
        { message: 'wrong-type', severity: 'warning', text: 'xenapi_use_agent is False of type boolean' },
      ],
    },
    {
      name: 'a list',
      ...forCloudInit({ ...right, vm_mode: ['hvm'] }),
      findings: [
        { message: 'wrong', severity: 'error' },
        { message: 'wrong-type', severity: 'warning', text: 'of type array' },
      ],
    },
    {
      name: 'the agent is there, and ignored',
      ...forAgent({ xenapi_use_agent: 'False' }),
      findings: [{ message: 'agent-ignored', severity: 'error' }],
    },
    {
      name: 'what Nova cannot read as a boolean',
      ...forAgent({ xenapi_use_agent: 'enabled' }),
      findings: [{ message: 'not-boolean', severity: 'warning', text: '"enabled"' }],
    },
    {
      name: 'values that Nova does not know',
      ...forAgent({ img_config_drive: 'always', vm_mode: 'pvhvm' }),
      findings: [
        { message: 'not-allowed', severity: 'warning', text: 'it accepts mandatory, optional' },
        { message: 'not-allowed', severity: 'warning', text: 'it accepts hvm, xen, uml, exe' },
      ],
    },
    {
      name: 'no agent, and Nova told to await one',
      ...forAgent({ xenapi_use_agent: 'true' }, []),
      findings: [{ message: 'agent-awaited', severity: 'error', text: 'xenapi_use_agent is "true"' }],
    },
    {
      name: 'an agent that does not start, and nothing said',
      ...forAgent({}, [installed(agent2(), [aService({ state: 'disabled' })])]),
      findings: [{ message: 'agent-awaited', text: 'xenapi_use_agent is not set' }],
    },
  ],
  notApplicable: [
    {
      name: 'not given, for nova-agent',
      facts: { installedAgents: [installed()] },
      reason: 'pass them with --metadata',
    },
  ],
});

describe('image properties', () => {
  it('reads booleans as strictly as Nova does', () => {
    for (const word of ['1', 't', 'TRUE', 'On', 'y', 'YES']) assert.equal(strictBoolean(word), true, word);
    for (const word of ['0', 'f', 'False', 'OFF', 'n', 'no']) assert.equal(strictBoolean(word), false, word);
    for (const word of ['', ' true', 'enabled', '2', 'none'])
      assert.equal(strictBoolean(word), undefined, word);
  });

  it('never throws on any JSON value, and is only ever satisfied by a value that means the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const found = stated({ vm_mode: value }, 'vm_mode');
        assert.equal(found === undefined, value === null);
        if (found) assert.equal(satisfies(found.text, 'hvm'), found.text === 'hvm');
      }),
    );
  });
});
