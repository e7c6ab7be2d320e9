import type { Metadata, Target } from './check.js';

/** The Glance properties by which an image tells Nova how to build and to await a server. */
export const propertyNames = ['img_config_drive', 'vm_mode', 'xenapi_use_agent'] as const;
export type PropertyName = (typeof propertyNames)[number];

/**
 * Names that Nova has given them since (nova/objects/image_meta.py: `_legacy_property_map`). Where both are set, its
 * image object takes the newer one. But the compute API gives a server the mode of `vm_mode`
 * (nova/compute/api.py: `_inherit_properties_from_image`), and the Xen driver asks `xenapi_use_agent`
 * (nova/virt/xenapi/agent.py: `should_use_agent`): neither looks at the newer name, in any release.
 */
export const newerNames: Readonly<Partial<Record<PropertyName, string>>> = {
  vm_mode: 'hw_vm_mode',
  xenapi_use_agent: 'img_use_agent',
};

/** What an image that lives by cloud-init must say; an image with nova-agent need not say anything. */
export const required: Readonly<Record<Target, Partial<Record<PropertyName, string>>>> = {
  'cloud-init': { img_config_drive: 'mandatory', vm_mode: 'hvm', xenapi_use_agent: 'False' },
  'nova-agent': {},
};

/** The values that Nova takes where it has a list of them; it builds no server from an image with another one. */
export const allowed: Readonly<Partial<Record<PropertyName, readonly string[]>>> = {
  img_config_drive: ['mandatory', 'optional'],
  vm_mode: ['hvm', 'xen', 'uml', 'exe'],
};

/** What an image says for a property; `text` is how the value would be written as the string that Glance keeps. */
export interface PropertyValue {
  /** The name under which it says so. */
  readonly name: string;
  readonly text: string;
  /** Glance keeps strings; a number, boolean, list … is what a file got wrong. */
  readonly isString: boolean;
}

/** The value that Nova's image object takes; undefined when the image has none. */
export function stated(metadata: Metadata, name: PropertyName): PropertyValue | undefined {
  return allStated(metadata, name)[0];
}

/** What is said under each name of a property, the newer name first. */
export function allStated(metadata: Metadata, name: PropertyName): readonly PropertyValue[] {
  const newer = newerNames[name];
  return [...(newer === undefined ? [] : [newer]), name].flatMap((each) => {
    const value = valueOf(metadata[each]);
    return value ? [{ name: each, ...value }] : [];
  });
}

function valueOf(value: unknown): Pick<PropertyValue, 'text' | 'isString'> | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return { text: value, isString: true };
  // Python writes a boolean with a capital, and it is Python that sends it on.
  if (typeof value === 'boolean') return { text: value ? 'True' : 'False', isString: false };
  return { text: JSON.stringify(value), isString: false };
}

const truths = ['1', 't', 'true', 'on', 'y', 'yes'];
const falsehoods = ['0', 'f', 'false', 'off', 'n', 'no'];

/**
 * A boolean as Nova reads it, strictly, in any case and with space around it (oslo.utils: `bool_from_string`).
 * @returns undefined for anything else: Nova then falls back to its own setting, which the image cannot know
 */
function strictBoolean(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (truths.includes(word)) return true;
  return falsehoods.includes(word) ? false : undefined;
}

/** Older words of Nova for a mode (nova/objects/fields.py: `VMMode.canonicalize`), which takes them in any case. */
const olderModes: Readonly<Record<string, string>> = { pv: 'xen', hv: 'hvm', baremetal: 'hvm' };

/** What Nova takes a value for, in the spelling that its documentation has; undefined for what it does not know. */
export function meaning(name: PropertyName, text: string): string | undefined {
  if (name === 'xenapi_use_agent') {
    const truth = strictBoolean(text);
    return truth === undefined ? undefined : truth ? 'True' : 'False';
  }
  const lower = text.toLowerCase();
  const word = name === 'vm_mode' ? (Object.hasOwn(olderModes, lower) ? olderModes[lower] : lower) : text;
  return allowed[name]?.find((each) => each === word);
}
