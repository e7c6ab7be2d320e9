import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { AgentStart } from '../../images/guest/agents/agent-start.js';
import { imageMetadata, example } from '../../checks/image-metadata.js';
import { allowed, meaning, stated } from '../../checks/lib/image-properties.js';
import { aService, agent2, installed } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const right = { img_config_drive: 'mandatory', vm_mode: 'hvm', xenapi_use_agent: 'False' };
const forCloudInit = (metadata: Record<string, unknown>) => ({
  facts: { agentStart: undefined, installedAgents: [] },
  context: { target: 'cloud-init', metadata } as const,
});
const own: AgentStart = { by: 'service', service: aService(), evidence: { path: '/etc/systemd/system' } };
const alive = { agentStart: own as AgentStart | undefined, installedAgents: [installed()] };
const forAgent = (metadata: Record<string, unknown>, facts = alive) => ({
  facts,
  context: { target: 'nova-agent', metadata } as const,
});

testRule(imageMetadata, {
  example,
  pass: [
    { name: 'all three, for cloud-init', ...forCloudInit(right) },
    { name: 'a boolean in another spelling', ...forCloudInit({ ...right, xenapi_use_agent: 'no' }) },
    { name: 'a boolean with space around it', ...forCloudInit({ ...right, xenapi_use_agent: ' False ' }) },
    // nova/objects/fields.py: VMMode.canonicalize
    ...['HVM', 'hv', 'baremetal'].map((mode) => ({
      name: `the mode ${mode}, which Nova takes for hvm`,
      ...forCloudInit({ ...right, vm_mode: mode }),
    })),
    {
      name: 'both names, which agree',
      ...forCloudInit({ ...right, hw_vm_mode: 'HVM', img_use_agent: 'no' }),
    },
    {
      name: 'the newer name alone, for nova-agent',
      ...forAgent({ img_use_agent: 'yes', hw_vm_mode: 'xen' }),
    },
    { name: 'nothing said, for nova-agent', ...forAgent({ os_distro: 'debian' }) },
    {
      name: 'the agent asked for',
      ...forAgent({ xenapi_use_agent: 'TRUE', vm_mode: 'hvm', img_config_drive: 'optional' }),
    },
  ],
  fail: [
    {
      name: 'not given, for cloud-init',
      facts: { agentStart: undefined, installedAgents: [] },
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
      name: 'nearly right: Nova compares this one as it is, and refuses the image',
      ...forCloudInit({ ...right, img_config_drive: 'Mandatory' }),
      findings: [{ message: 'wrong', severity: 'error', text: '"Mandatory"; it must be mandatory' }],
    },
    {
      name: 'the newer names alone: the Xen driver does not read them',
      ...forCloudInit({ img_config_drive: 'mandatory', hw_vm_mode: 'hvm', img_use_agent: 'False' }),
      findings: [
        { message: 'newer-only', severity: 'warning', text: 'hw_vm_mode is set, but vm_mode is not' },
        {
          message: 'newer-only',
          severity: 'warning',
          text: 'img_use_agent is set, but xenapi_use_agent is not',
        },
      ],
    },
    {
      name: 'newer names that say the wrong thing, alone or beside the right one',
      ...forCloudInit({ ...right, hw_vm_mode: 'xen', img_use_agent: 'True' }),
      findings: [
        { message: 'contradiction', severity: 'warning', text: 'hw_vm_mode is "xen", but vm_mode is "hvm"' },
        { message: 'wrong', severity: 'error', text: 'hw_vm_mode is "xen"; it must be hvm' },
        { message: 'contradiction', severity: 'warning', text: 'img_use_agent is "True"' },
        { message: 'wrong', severity: 'error', text: 'img_use_agent is "True"; it must be False' },
      ],
    },
    {
      name: 'older names that contradict the newer',
      ...forCloudInit({
        ...right,
        ...{ hw_vm_mode: 'hvm', vm_mode: 'xen', img_use_agent: 'False', xenapi_use_agent: 'True' },
      }),
      findings: [
        { message: 'contradiction', severity: 'warning', text: 'its Xen driver the second' },
        { message: 'contradiction', severity: 'warning' },
      ],
    },
    {
      name: 'an older name with a value that Nova does not know',
      ...forCloudInit({ ...right, hw_vm_mode: 'hvm', vm_mode: 'pvhvm' }),
      findings: [{ message: 'not-allowed', severity: 'error', text: 'vm_mode is "pvhvm"' }],
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
      name: 'the same by the newer name, which wins',
      ...forAgent({ img_use_agent: '0', xenapi_use_agent: 'True' }),
      findings: [
        { message: 'contradiction', severity: 'warning' },
        { message: 'agent-ignored', severity: 'error', text: 'img_use_agent is "0"' },
      ],
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
        { message: 'not-allowed', severity: 'error', text: 'it accepts mandatory, optional' },
        { message: 'not-allowed', severity: 'error', text: 'it accepts hvm, xen, uml, exe' },
      ],
    },
    {
      name: 'no agent, and Nova told to await one',
      ...forAgent({ xenapi_use_agent: 'true' }, { agentStart: undefined, installedAgents: [] }),
      findings: [{ message: 'agent-awaited', severity: 'error', text: 'xenapi_use_agent is "true"' }],
    },
    {
      name: 'an agent that does not start, and nothing said',
      ...forAgent(
        {},
        { agentStart: undefined, installedAgents: [installed(agent2(), [aService({ state: 'disabled' })])] },
      ),
      findings: [{ message: 'agent-awaited', text: 'xenapi_use_agent is not set' }],
    },
  ],
  notApplicable: [
    {
      name: 'not given, for nova-agent',
      facts: { agentStart: undefined, installedAgents: [installed()] },
      reason: 'pass them with --metadata',
    },
  ],
});

describe('image properties', () => {
  // What oslo.utils 6.0 answers: strutils.bool_from_string(text, strict=True).
  it('reads booleans as strictly as Nova does', () => {
    const truth = (word: string) => meaning('xenapi_use_agent', word);
    for (const word of ['1', 't', 'TRUE', 'On', 'y', 'YES', ' true']) assert.equal(truth(word), 'True', word);
    for (const word of ['0', 'f', 'False', 'OFF', 'n', 'no', ' 0\n'])
      assert.equal(truth(word), 'False', word);
    for (const word of ['', 'enabled', '2', 'none']) assert.equal(truth(word), undefined, word);
  });

  it('knows the modes that Nova knows, and no others', () => {
    const mode = (word: string) => meaning('vm_mode', word);
    for (const word of ['pv', 'PV', 'xen', 'Xen']) assert.equal(mode(word), 'xen', word);
    for (const word of ['', 'hvm ', 'pvhvm', 'toString', 'constructor'])
      assert.equal(mode(word), undefined, word);
  });

  it('never throws on any JSON value, and knows only the words that Nova knows', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const found = stated({ img_config_drive: value }, 'img_config_drive');
        assert.equal(found === undefined, value === null);
        if (found)
          assert.equal(
            meaning('img_config_drive', found.text),
            allowed.img_config_drive?.find((each) => each === value),
          );
      }),
    );
  });
});
