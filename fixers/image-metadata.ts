import {
  type PropertyName,
  type PropertyValue,
  allStated,
  allowed,
  meaning,
  propertyNames,
  required,
} from '../checks/lib/image-properties.js';
import type { Metadata, Target } from '../checks/lib/check.js';
import { installedAgents } from '../images/guest/agents/agent-services.js';
import { defineFixer } from './lib/fixer.js';

export const imageMetadata = defineFixer({
  meta: {
    id: 'image-metadata',
    title: 'Set the image’s properties',
    risk: 'reviewed',
    phase: 'properties',
    docs: 'Proposes the properties that the image needs, as strings: for cloud-init img_config_drive=mandatory, vm_mode=hvm and xenapi_use_agent=False, for nova-agent xenapi_use_agent=True where the image says otherwise, and the exact spelling where Nova would not know the value. A newer name (hw_vm_mode, img_use_agent) stays where it is set, and is corrected there; the older name, which the Xen driver reads, is set beside it. Hallmark writes them beside the output, with the command that sets them; nothing in the guest changes.',
  },
  needs: { installedAgents },
  async *plan({ metadata = {}, target, facts: { installedAgents } }) {
    for (const property of propertyNames) {
      for (const [name, value] of wanted(property, metadata, target, installedAgents.length > 0)) {
        if (value !== metadata[name]) yield { kind: 'property', name, value, was: metadata[name] };
      }
    }
  },
});

/** The values that a property should have, by its names; none where it may stay, or nothing says what is meant. */
function wanted(
  property: PropertyName,
  metadata: Metadata,
  target: Target,
  hasAgent: boolean,
): Map<string, string> {
  const values = new Map<string, string>();
  const needed = required[target][property];
  for (const value of allStated(metadata, property)) {
    const right = needed === undefined ? bestOf(property, value, hasAgent) : needed;
    const known = meaning(property, value.text);
    values.set(value.name, known !== undefined && known === right ? value.text : (right ?? value.text));
  }
  if (needed !== undefined && !values.has(property)) values.set(property, needed);
  return values;
}

/** What a value should be where none is required; undefined when it may stay. */
function bestOf(property: PropertyName, { text }: PropertyValue, hasAgent: boolean): string | undefined {
  if (property === 'xenapi_use_agent') return hasAgent ? 'True' : undefined;
  if (meaning(property, text) !== undefined) return undefined;
  const spelled = text.trim().toLowerCase();
  return allowed[property]?.find((each) => each === spelled);
}
