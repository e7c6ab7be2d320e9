import { installedAgents } from '../images/guest/agents/agent-services.js';
import { agentStart } from '../images/guest/agents/agent-start.js';
import { type CheckContext, type Finding, type Metadata, defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import {
  type PropertyName,
  type PropertyValue,
  allStated,
  allowed,
  meaning,
  newerNames,
  propertyNames,
  required,
  stated,
} from './lib/image-properties.js';
import { agentArticle, article } from './lib/references.js';

export const imageMetadata = defineCheck({
  meta: {
    id: 'image-metadata',
    title: 'the image’s properties fit its contents',
    failureTitle: 'the image’s properties are missing, wrong, or do not fit its contents',
    category: 'metadata',
    severity: 'error',
    targets: ['nova-agent', 'cloud-init'],
    families: ['Linux', 'FreeBSD'],
    scope: 'image',
    messages: {
      unknown:
        'the image’s properties were not given; an image that uses cloud-init needs three: img_config_drive=mandatory, vm_mode=hvm, xenapi_use_agent=False',
      missing: '{{name}} is not set; it must be {{wanted}}: {{why}}',
      wrong: '{{name}} is "{{value}}"; it must be {{wanted}}: {{why}}',
      'not-allowed':
        '{{name}} is "{{value}}", which Nova does not know, so it builds no server from the image; it accepts {{allowed}}',
      'newer-only':
        '{{newer}} is set, but {{name}} is not: Nova’s Xen driver reads only {{name}}, so it must be {{wanted}}, too',
      contradiction:
        '{{newer}} is "{{newerValue}}", but {{name}} is "{{value}}": Nova’s image object takes the first, its Xen driver the second',
      'wrong-type': '{{name}} is {{value}} of type {{type}}; image properties are strings',
      'not-boolean':
        '{{name}} is "{{value}}", which is neither true nor false for Nova, so Nova uses its own default',
      'agent-ignored': '{{name}} is "{{value}}", so Nova never talks to the nova-agent in the image',
      'agent-awaited':
        'no nova-agent starts in this image, but {{name}} is {{value}}: where the cloud uses the agent by default, every build waits for one until it times out',
    },
    docs: {
      why: 'Three properties of an image tell Nova how to treat its servers. img_config_drive=mandatory attaches the drive that cloud-init reads; without it there is no network. vm_mode=hvm boots a full virtual machine; the default for Linux is paravirtual, and a modern image then stops with a bootloader error. xenapi_use_agent=False tells Nova not to wait for nova-agent before the server is ACTIVE; without it, building an image that has no agent waits for minutes. On an image with the agent, xenapi_use_agent=False means that no password and no address is ever set. Values are strings, and a boolean that Nova cannot read counts as not set. hw_vm_mode and img_use_agent are newer names of vm_mode and xenapi_use_agent. Nova’s image object takes the newer name where both are set, but the Xen driver, which was removed in 2020, never learned it: set the older name, and let the newer one not contradict it.',
      remedy:
        'For an image that uses cloud-init: `openstack image set --property img_config_drive=mandatory --property vm_mode=hvm --property xenapi_use_agent=False IMAGE`. For an image with nova-agent: `openstack image unset --property xenapi_use_agent IMAGE`, or set it to True. To have them checked, pass the image’s properties with `--metadata FILE` (`openstack image show -f json IMAGE > FILE`).',
      references: [
        article(agentArticle, 'Installing nova-agent on Linux'),
        { title: 'OpenStack Glance documentation', where: 'Useful image properties' },
      ],
    },
  },
  needs: { agentStart, installedAgents },
  appliesTo: (_, { metadata, target }) =>
    metadata !== undefined ||
    target === 'cloud-init' ||
    'the image’s properties were not given; pass them with --metadata',
  *run({ agentStart: start, installedAgents }, { metadata, target }): Iterable<Finding> {
    if (!metadata) {
      yield { message: 'unknown', severity: 'warning' };
      return;
    }
    for (const name of propertyNames) yield* judgeValue(name, metadata, target);
    yield* judgeFit({ installed: installedAgents.length > 0, starts: start !== undefined }, metadata, target);
  },
});

const reasons: Readonly<Record<PropertyName, string>> = {
  img_config_drive: 'else there may be no drive for cloud-init to read',
  vm_mode: 'else a Linux server boots in paravirtual mode, or not at all',
  xenapi_use_agent: 'else Nova waits for a nova-agent before the server is ACTIVE',
};

/** One property by itself: whether it is set, a string, a value that Nova knows, and the same under both names. */
function* judgeValue(
  name: PropertyName,
  metadata: Metadata,
  target: CheckContext['target'],
): Iterable<Finding> {
  const wanted = required[target][name];
  const values = allStated(metadata, name);
  for (const { name: said, text: value, isString } of values) {
    if (isString) continue;
    const type = Array.isArray(metadata[said]) ? 'array' : typeof metadata[said];
    yield { message: 'wrong-type', severity: 'warning', data: { name: said, value, type } };
  }
  const [first, second] = values;
  if (!first) {
    if (wanted !== undefined) yield { message: 'missing', data: { name, wanted, why: reasons[name] } };
    return;
  }
  const taken = meaning(name, first.text);
  const data = { name: first.name, value: first.text };
  if (wanted !== undefined && taken !== wanted) {
    yield { message: 'wrong', data: { ...data, wanted, why: reasons[name] } };
  } else if (allowed[name] && taken === undefined) {
    yield { message: 'not-allowed', data: { ...data, allowed: allowed[name].join(', ') } };
  } else if (wanted !== undefined && !second && first.name === newerNames[name]) {
    yield { message: 'newer-only', severity: 'warning', data: { newer: first.name, name, wanted } };
  }
  if (second) yield* judgeOlder(name, first, second);
}

/** The value under the older name, beside one under the newer. */
function* judgeOlder(name: PropertyName, newer: PropertyValue, older: PropertyValue): Iterable<Finding> {
  const taken = meaning(name, older.text);
  const data = { name, value: older.text };
  if (allowed[name] && taken === undefined)
    yield { message: 'not-allowed', data: { ...data, allowed: allowed[name].join(', ') } };
  else if (taken !== meaning(name, newer.text)) {
    yield {
      message: 'contradiction',
      severity: 'warning',
      data: { ...data, newer: newer.name, newerValue: newer.text },
    };
  }
}

/** The use of the agent against the agent that is there, or is not. */
function* judgeFit(
  agent: { readonly installed: boolean; readonly starts: boolean },
  metadata: Metadata,
  target: CheckContext['target'],
): Iterable<Finding> {
  // For cloud-init the value is required as such, and network-owner judges a live agent beside it.
  if (target === 'cloud-init') return;
  const value = stated(metadata, 'xenapi_use_agent');
  const data = { name: value?.name ?? 'xenapi_use_agent', value: value?.text ?? '' };
  const wish = value && meaning('xenapi_use_agent', value.text);
  if (value && wish === undefined) yield { message: 'not-boolean', severity: 'warning', data };
  if (wish === 'False') {
    if (agent.installed) yield { message: 'agent-ignored', data };
  } else if (!agent.starts) {
    yield { message: 'agent-awaited', data: { ...data, value: value ? `"${value.text}"` : 'not set' } };
  }
}

export const example: Example = {
  guest: 'cloud-init',
  bad: {
    metadata: { img_config_drive: 'optional', vm_mode: 'hvm', xenapi_use_agent: 'False' },
    says: [
      'img_config_drive is "optional"; it must be mandatory: else there may be no drive for cloud-init to read',
    ],
  },
  good: {
    metadata: { img_config_drive: 'mandatory', vm_mode: 'hvm', xenapi_use_agent: 'False' },
  },
};
