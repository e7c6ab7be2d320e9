import type { Metadata, Target } from './check.js';

/** The Glance properties by which an image tells Nova how to build and to await a server. */
export const propertyNames = ['img_config_drive', 'vm_mode', 'xenapi_use_agent'] as const;
export type PropertyName = (typeof propertyNames)[number];

/** What an image that lives by cloud-init must say; an image with nova-agent need not say anything. */
export const required: Readonly<Record<Target, Partial<Record<PropertyName, string>>>> = {
  'cloud-init': { img_config_drive: 'mandatory', vm_mode: 'hvm', xenapi_use_agent: 'False' },
  'nova-agent': {},
};

/** The values that Nova takes where it has a list of them. */
export const allowed: Readonly<Partial<Record<PropertyName, readonly string[]>>> = {
  img_config_drive: ['mandatory', 'optional'],
  vm_mode: ['hvm', 'xen', 'uml', 'exe'],
};

/** What an image says for a property; `text` is how the value would be written as the string that Glance keeps. */
export interface PropertyValue {
  readonly text: string;
  /** Glance keeps strings; a number, boolean, list … is what a file got wrong. */
  readonly isString: boolean;
}

/** The value of a property; undefined when the image has none. */
export function stated(metadata: Metadata, name: PropertyName): PropertyValue | undefined {
  const value = metadata[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return { text: value, isString: true };
  // Python writes a boolean with a capital, and it is Python that sends it on.
  if (typeof value === 'boolean') return { text: value ? 'True' : 'False', isString: false };
  return { text: JSON.stringify(value), isString: false };
}

const truths = ['1', 't', 'true', 'on', 'y', 'yes'];
const falsehoods = ['0', 'f', 'false', 'off', 'n', 'no'];

/**
 * A boolean as Nova reads it, strictly, in any case.
 * @returns undefined for anything else: Nova then falls back to its own setting, which the image cannot know
 */
export function strictBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (truths.includes(word)) return true;
  return falsehoods.includes(word) ? false : undefined;
}

/** Whether a value is what is required: exactly, or for a boolean any spelling that Nova reads the same way. */
export function satisfies(text: string, wanted: string): boolean {
  if (text === wanted) return true;
  const truth = strictBoolean(wanted);
  return truth !== undefined && strictBoolean(text) === truth;
}
