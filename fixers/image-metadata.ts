import {
  type PropertyName,
  allowed,
  propertyNames,
  required,
  satisfies,
  stated,
  strictBoolean,
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
    docs: 'Proposes the properties that the image needs, as strings: for cloud-init img_config_drive=mandatory, vm_mode=hvm and xenapi_use_agent=False, for nova-agent xenapi_use_agent=True where the image says otherwise, and the exact spelling where Nova would not know the value. Hallmark writes them beside the output, with the command that sets them; nothing in the guest changes.',
  },
  needs: { installedAgents },
  async *plan({ metadata = {}, target, facts: { installedAgents } }) {
    for (const name of propertyNames) {
      const value = wanted(name, metadata, target, installedAgents.length > 0);
      if (value !== undefined && value !== metadata[name]) {
        yield { kind: 'property', name, value, was: metadata[name] };
      }
    }
  },
});

/** The value that a property should have; undefined when it may stay, or nothing says what is meant. */
function wanted(
  name: PropertyName,
  metadata: Metadata,
  target: Target,
  hasAgent: boolean,
): string | undefined {
  const value = stated(metadata, name);
  const needed = required[target][name];
  if (needed !== undefined) return value && satisfies(value.text, needed) ? value.text : needed;
  if (!value) return undefined;
  if (name === 'xenapi_use_agent')
    return strictBoolean(value.text) !== true && hasAgent ? 'True' : value.text;
  if (allowed[name]?.includes(value.text) !== false) return value.text;
  const spelled = value.text.trim().toLowerCase();
  return allowed[name].includes(spelled) ? spelled : undefined;
}
