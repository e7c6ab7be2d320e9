import { type InstalledAgent, installedAgents } from '../images/guest/agents/agent-services.js';
import { type CheckContext, type Finding, type Metadata, defineCheck } from './lib/check.js';
import {
  type PropertyName,
  allowed,
  propertyNames,
  required,
  satisfies,
  stated,
  strictBoolean,
} from './lib/image-properties.js';
import { agentArticle, article } from './lib/references.js';

export const imageMetadata = defineCheck({
  meta: {
    id: 'image-metadata',
    title: 'the image’s properties fit what is in it',
    failureTitle: 'the image’s properties are missing, wrong, or do not fit what is in it',
    category: 'metadata',
    severity: 'error',
    targets: ['nova-agent', 'cloud-init'],
    messages: {
      unknown:
        'the image’s properties were not given, and an image that lives by cloud-init needs three: img_config_drive=mandatory, vm_mode=hvm, xenapi_use_agent=False',
      missing: '{{name}} is not set, it must be {{wanted}}: {{why}}',
      wrong: '{{name}} is "{{value}}", it must be {{wanted}}: {{why}}',
      'not-exact': '{{name}} is "{{value}}"; only the exact spelling {{wanted}} is sure to be understood',
      'not-allowed': '{{name}} is "{{value}}", which Nova does not know; it takes {{allowed}}',
      'wrong-type': '{{name}} is {{value}} of the type {{type}}; an image’s properties are strings',
      'not-boolean':
        'xenapi_use_agent is "{{value}}", which Nova does not read as true or false, so it falls back to its own default',
      'agent-ignored':
        'xenapi_use_agent is "{{value}}", so Nova never speaks to the nova-agent that is in the image',
      'agent-awaited':
        'no nova-agent starts in this image, but xenapi_use_agent is {{value}}: where the cloud’s default is to use the agent, every build waits for one until it times out',
    },
    docs: {
      why: 'Three properties of an image tell Nova how to treat its servers. img_config_drive=mandatory attaches the drive that cloud-init reads; without it there is no network. vm_mode=hvm boots a full virtual machine; for Linux the implicit mode is paravirtual, and a modern image then stops with a bootloader error. xenapi_use_agent=False keeps Nova from waiting for nova-agent before the server is ACTIVE; without it a build of an image without the agent waits for minutes. The other way round, xenapi_use_agent=False on an image with the agent means that no password and no address is ever set. Values are strings, and a boolean that Nova cannot read counts as not set.',
      remedy:
        'For an image that lives by cloud-init: `openstack image set --property img_config_drive=mandatory --property vm_mode=hvm --property xenapi_use_agent=False IMAGE`. For an image with nova-agent: `openstack image unset --property xenapi_use_agent IMAGE`, or set it to True. To have them judged, pass the image’s properties with `--metadata FILE` (`openstack image show -f json IMAGE > FILE`).',
      references: [
        article(agentArticle, 'Installing nova-agent on Linux'),
        { title: 'OpenStack Glance documentation', where: 'Useful image properties' },
      ],
    },
  },
  needs: { installedAgents },
  appliesTo: (_, { metadata, target }) =>
    metadata !== undefined ||
    target === 'cloud-init' ||
    'the image’s properties were not given; pass them with --metadata',
  *run({ installedAgents }, { metadata, target }): Iterable<Finding> {
    if (!metadata) {
      yield { message: 'unknown', severity: 'warning' };
      return;
    }
    for (const name of propertyNames) yield* judgeValue(name, metadata, target);
    yield* judgeFit(installedAgents, metadata, target);
  },
});

const reasons: Readonly<Record<PropertyName, string>> = {
  img_config_drive: 'else there may be no drive for cloud-init to read',
  vm_mode: 'else a Linux server boots in paravirtual mode',
  xenapi_use_agent: 'else Nova waits for a nova-agent before the server is ACTIVE',
};

/** One property by itself: is it there, of the right type, and one of the values that Nova knows? */
function* judgeValue(
  name: PropertyName,
  metadata: Metadata,
  target: CheckContext['target'],
): Iterable<Finding> {
  const wanted = required[target][name];
  const value = stated(metadata, name);
  if (!value) {
    if (wanted !== undefined) yield { message: 'missing', data: { name, wanted, why: reasons[name] } };
    return;
  }
  if (!value.isString) {
    const type = Array.isArray(metadata[name]) ? 'array' : typeof metadata[name];
    yield { message: 'wrong-type', severity: 'warning', data: { name, value: value.text, type } };
  }
  if (wanted !== undefined && !satisfies(value.text, wanted)) {
    const data = { name, value: value.text, wanted };
    const nearly = name !== 'xenapi_use_agent' && value.text.trim().toLowerCase() === wanted;
    if (nearly) yield { message: 'not-exact', severity: 'warning', data };
    else yield { message: 'wrong', data: { ...data, why: reasons[name] } };
  } else if (wanted === undefined && allowed[name]?.includes(value.text) === false) {
    const data = { name, value: value.text, allowed: allowed[name].join(', ') };
    yield { message: 'not-allowed', severity: 'warning', data };
  }
}

/** xenapi_use_agent against the agent that is there, or is not. */
function* judgeFit(
  installed: readonly InstalledAgent[],
  metadata: Metadata,
  target: CheckContext['target'],
): Iterable<Finding> {
  // For cloud-init the value is required as such, and a live agent beside it is the business of network-owner.
  if (target === 'cloud-init') return;
  const value = stated(metadata, 'xenapi_use_agent');
  const started = installed.some(({ services }) => services.some(({ state }) => state === 'enabled'));
  if (value && strictBoolean(value.text) === undefined) {
    yield { message: 'not-boolean', severity: 'warning', data: { value: value.text } };
  }
  if (value && strictBoolean(value.text) === false) {
    if (installed.length > 0) yield { message: 'agent-ignored', data: { value: value.text } };
  } else if (!started) {
    yield { message: 'agent-awaited', data: { value: value ? `"${value.text}"` : 'not set' } };
  }
}
