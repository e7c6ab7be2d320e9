import type { Root } from '../root.js';
import { rowsOf } from '../row.js';

const resolvConf = '/etc/resolv.conf';

/** Nothing hands on what ifupdown is told of name servers. */
const withoutResolvconf = (root: Root): Root => {
  root.run('dpkg', '--purge', '--force-depends', 'resolvconf');
  return root;
};

/** A file, whatever was there: a link is not followed. */
const resolver = (root: Root, text: string): Root => {
  root.run('rm', '-f', resolvConf);
  return root.put(resolvConf, text);
};

/** The name servers of a new server: whether anything makes use of them (resolvconf(8), systemd-resolved(8)). */
export const dns = rowsOf('dns', [
  {
    id: 'nobody-hears',
    on: ['debian11', 'debian12', 'debian13', 'debian12-sysv'],
    what: 'there is no resolvconf, and /etc/resolv.conf is empty',
    put: (root) => resolver(withoutResolvconf(root), ''),
    is: 'broken',
    speaks: 'network-dns',
    says: /resolves no names/,
  },
  {
    id: 'nobody-hears-cloud-init',
    on: ['debian12-ci', 'debian12-ci-networkd'],
    what: 'nothing hands on the name servers of cloud-init, and /etc/resolv.conf is empty',
    put: (root) => resolver(root, ''),
    is: 'broken',
    speaks: 'network-dns',
    says: /resolves no names/,
  },
  {
    id: 'link-to-nothing',
    on: 'debian12',
    what: 'there is no resolvconf, and /etc/resolv.conf is a link to the file of a service that is not there',
    put: (root) => {
      resolver(withoutResolvconf(root), '')
        .take(resolvConf)
        .link(resolvConf, '../run/systemd/resolve/resolv.conf');
    },
    is: 'broken',
    speaks: 'network-dns',
  },
  {
    id: 'servers-of-the-image',
    on: ['debian12', 'debian13', 'debian12-sysv'],
    what: 'there is no resolvconf, and /etc/resolv.conf names a server itself',
    put: (root) => resolver(withoutResolvconf(root), 'nameserver 192.0.2.53\n'),
    is: 'works',
    guards: 'network-dns',
    may: 'network-dns',
  },
]);
