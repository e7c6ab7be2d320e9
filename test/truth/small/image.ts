import type { Report } from '../../../pipeline/report/report.js';
import { type Table, cloud, debian } from './guests.js';

/** An image of a few dozen files, with what must be said of it. */
export interface SmallImage {
  readonly name: string;
  readonly files: Table;
  readonly lives?: 'nova-agent' | 'cloud-init';
  /** What the client prints of the image, in place of what suits cloud-init. */
  readonly prints?: string;
  /** Whether `prepare` is run first. */
  readonly prepared?: true;
  readonly verdict: Report['verdict'];
  /** What a finding must say, its place included. */
  readonly says?: RegExp;
  /** A check that must not speak. */
  readonly silent?: string;
}

export const grub = (words: string): string =>
  `menuentry "Debian" {\n  linux /vmlinuz root=/dev/xvda1 ro ${words}\n}\n`;

/** An image that lives by the agent. */
export const ofAgent = (
  name: string,
  files: Table,
  rest: Omit<SmallImage, 'name' | 'files'>,
): SmallImage => ({
  name,
  files: { ...debian, ...files },
  ...rest,
});

/** An image that lives by cloud-init. */
export const ofCloud = (
  name: string,
  files: Table,
  rest: Omit<SmallImage, 'name' | 'files' | 'lives'>,
): SmallImage => ({
  name,
  files: { ...cloud, ...files },
  lives: 'cloud-init',
  ...rest,
});

export const bad = (says: RegExp): Pick<SmallImage, 'verdict' | 'says'> => ({ verdict: 'not-golden', says });
