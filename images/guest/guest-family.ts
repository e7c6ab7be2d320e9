import type { Os } from './os.js';

/** The families of operating systems that a rule can be for. */
export type GuestFamily = 'Linux' | 'FreeBSD' | 'Windows';

/**
 * The family of a guest. Every system that the os fact knows is a Linux distribution, except FreeBSD; one that it does
 * not know (`other`) was recognised by its os-release, which only Linux distributions and FreeBSD have.
 */
export function guestFamilyOf({ family }: Pick<Os, 'family'>): GuestFamily {
  return family === 'freebsd' ? 'FreeBSD' : 'Linux';
}
