import type { Image } from '../../../image/image.js';
import { escapePath } from './names.js';
import type { GeneratedLink, GeneratedUnit, PlacedSetting } from './unit.js';

const fstab = '/etc/fstab';

/** Kinds of file system that need the network (systemd's fstype_is_network). */
const networkTypes =
  /^(?:fuse\.)?(?:afs|ceph|cifs|smb3|smbfs|sshfs|ncpfs|ncp|nfs|nfs4|gfs|gfs2|glusterfs|pvfs2|ocfs2|lustre|davfs)$/;

/** Options that become a setting of the mount unit, and the settings they become. */
const optionSettings: Readonly<Record<string, readonly string[]>> = {
  'x-systemd.requires': ['Requires', 'After'],
  'x-systemd.after': ['After'],
  'x-systemd.before': ['Before'],
  'x-systemd.requires-mounts-for': ['RequiresMountsFor'],
};

/**
 * The mount units that systemd-fstab-generator(8) makes of /etc/fstab, as far as they order anything: which
 * target they belong to, and what their options say. Swap areas are left out (ordered before swap.target alone,
 * and after nothing but their device), and so are file system checks (each only between local-fs-pre.target and
 * its own mount): neither can be part of a cycle.
 */
export async function generateFromFstab(
  image: Image,
): Promise<{ units: readonly GeneratedUnit[]; links: readonly GeneratedLink[] }> {
  const units: GeneratedUnit[] = [];
  const links: GeneratedLink[] = [];
  // Always there: without an entry for / it makes the root as the kernel was told to mount it.
  links.push({
    target: 'local-fs.target',
    relation: 'Wants',
    name: 'systemd-remount-fs.service',
    evidence: { path: fstab },
  });
  for (const [index, raw] of ((await image.readText(fstab)) ?? '').split('\n').entries()) {
    const [what = '', where = '', type = '', text = 'defaults', , pass = '0'] = raw
      .trim()
      .split(/\s+/)
      .map(unescape);
    const evidence = { path: fstab, line: index + 1 } as const;
    if (what.startsWith('#') || !where.startsWith('/') || type === 'swap' || type === '') continue;
    const options = text.split(',');
    if (where === '/') {
      // Mounted before systemd reads a single unit; but it may be checked.
      const name = 'systemd-fsck-root.service';
      if (pass !== '0') links.push({ target: 'local-fs.target', relation: 'Wants', name, evidence });
      continue;
    }
    const network = isNetworkMount(type, text);
    const automount = options.some((option) => /^(?:comment=|x-)systemd\.automount$/.test(option));
    const noauto = options.includes('noauto') && !automount;
    const name = escapePath(where, 'mount');
    const settings: PlacedSetting[] = [];
    const add = (section: string, key: string, value: string): void => {
      settings.push({ section, key, value, ...evidence });
    };
    const target = network ? 'remote-fs.target' : 'local-fs.target';
    add('Mount', 'What', what);
    add('Mount', 'Where', where);
    add('Mount', 'Type', type);
    add('Mount', 'Options', text);
    for (const option of options) {
      const equals = option.indexOf('=');
      const value = option.slice(equals + 1);
      const keys = Object.hasOwn(optionSettings, option.slice(0, equals))
        ? optionSettings[option.slice(0, equals)]
        : [];
      const isPath = value.startsWith('/');
      const unit = isPath ? escapePath(value, value.startsWith('/dev/') ? 'device' : 'mount') : value;
      for (const key of keys ?? []) add('Unit', key, key === 'RequiresMountsFor' ? value : unit);
    }
    const nofail = options.includes('nofail');
    if (!nofail && !automount) add('Unit', 'Before', target);
    const relation = nofail ? 'Wants' : 'Requires';
    const wanted = automount ? escapePath(where, 'automount') : name;
    const startedBy: GeneratedLink[] = noauto ? [] : [{ target, relation, name: wanted, evidence }];
    units.push({
      name,
      origin: 'fstab',
      path: fstab,
      aliases: [],
      settings,
      startedBy: automount ? [] : startedBy,
    });
    if (!automount) continue;
    const place: PlacedSetting[] = [{ section: 'Automount', key: 'Where', value: where, ...evidence }];
    if (!nofail) place.push({ section: 'Unit', key: 'Before', value: target, ...evidence });
    units.push({ name: wanted, origin: 'fstab', path: fstab, aliases: [], settings: place, startedBy });
  }
  return { units, links };
}

/** Whether a mount is one of the network's, by its type or an option. */
export function isNetworkMount(type: string, options: string): boolean {
  return networkTypes.test(type) || options.split(',').includes('_netdev');
}

/** fstab(5): a space is written `\040`. */
function unescape(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
