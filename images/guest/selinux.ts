import type { GuestPath, Image } from '../image/image.js';

/** Made empty, it has the next boot label every file anew (selinux(8)). */
export const autorelabel: GuestPath = '/.autorelabel';

/** Whether a boot of the guest turns SELinux on (selinux_config(5)); permissive, it only logs what it would refuse. */
export async function selinuxMode(image: Image): Promise<'enforcing' | 'permissive' | 'disabled'> {
  const text = (await image.readText('/etc/selinux/config')) ?? '';
  const [, mode = ''] = /^[ \t]*SELINUX=[ \t]*(\w+)/m.exec(text) ?? [];
  return mode === 'enforcing' || mode === 'permissive' ? mode : 'disabled';
}
