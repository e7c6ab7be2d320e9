import { rowsOf } from '../row.js';

const root = 'UUID=0a3407de-014b-458b-b5c1-848e92a327a3 / ext4 errors=remount-ro 0 1\n';
const ofMount = {
  manual: 'mount(8), FILESYSTEM-INDEPENDENT MOUNT OPTIONS; fstab(5); systemd-remount-fs.service(8)',
};
const ofBoot = { manual: 'systemd.mount(5), FSTAB; bootup(7): local-fs.target leads to emergency.target' };
const ofFolders = { manual: 'tmpfiles.d(5), Type: d makes a folder, e adjusts one' };
const can = 'agent-runnable';

/** What the boot mounts. A container mounts nothing of fstab, so the manuals say what comes of it. */
export const mounts = rowsOf('mounts', [
  {
    id: 'root-read-only',
    on: ['debian12', 'debian12-sysv'],
    what: 'the root is mounted read-only by fstab',
    put: (at) => at.put('/etc/fstab', root.replace('errors=remount-ro', 'defaults,ro')),
    is: 'broken',
    by: ofMount,
    speaks: can,
    says: /\/etc\/fstab mounts the root file system read-only/,
  },
  {
    id: 'root-written-at-last',
    on: 'debian12',
    what: 'the line of the root has ro, and rw after it',
    put: (at) => at.put('/etc/fstab', root.replace('errors=remount-ro', 'ro,rw')),
    is: 'works',
    by: ofMount,
    guards: can,
  },
  {
    id: 'tmpfs-over-programs',
    on: 'debian12',
    what: 'a tmpfs is mounted over /usr/bin',
    put: (at) => at.put('/etc/fstab', `${root}tmpfs /usr/bin tmpfs defaults 0 0\n`),
    is: 'broken',
    by: ofMount,
    speaks: can,
    says: /tmpfs on \/usr\/bin/,
  },
  {
    id: 'tmpfs-not-mounted',
    on: 'debian12',
    what: 'a tmpfs over /usr/bin that no boot mounts (noauto)',
    put: (at) => at.put('/etc/fstab', `${root}tmpfs /usr/bin tmpfs noauto 0 0\n`),
    is: 'works',
    by: ofMount,
    guards: can,
  },
  {
    id: 'noexec',
    on: 'debian12',
    what: '/usr is mounted with noexec',
    put: (at) => at.put('/etc/fstab', `${root}LABEL=usr /usr ext4 noexec 0 2\n`),
    is: 'broken',
    by: ofMount,
    speaks: can,
    says: /noexec/,
  },
  {
    id: 'exec-at-last',
    on: 'debian12',
    what: '/usr is mounted with user, and exec after it',
    put: (at) => at.put('/etc/fstab', `${root}LABEL=usr /usr ext4 user,exec,nodev 0 2\n`),
    is: 'works',
    by: ofMount,
    guards: [can, 'required-mounts'],
  },
  {
    id: 'log-hidden',
    on: 'debian12',
    what: 'the log is in a folder of /var/log, which is a tmpfs',
    put: (at) =>
      at
        .put('/etc/fstab', `${root}tmpfs /var/log tmpfs defaults 0 0\n`)
        .put('/var/log/nova/agent.log', '')
        .link('/var/log/nova-agent.log', '/var/log/nova/agent.log'),
    is: 'works',
    by: { manual: 'tmpfs(5): it begins empty, so the link is gone with the folder, and the log is made' },
    guards: can,
  },
  {
    id: 'disk-of-data',
    on: 'debian12',
    what: 'fstab requires a file system of a second disk',
    put: (at) => at.put('/etc/fstab', `${root}/dev/xvdb1 /srv/data ext4 defaults 0 2\n`),
    is: 'broken',
    by: ofBoot,
    speaks: 'required-mounts',
    says: /\/srv\/data/,
    undecidable: true,
  },
  {
    id: 'disk-of-data-optional',
    on: 'debian12',
    what: 'fstab has a file system of a second disk with nofail',
    put: (at) => at.put('/etc/fstab', `${root}/dev/xvdb1 /srv/data ext4 defaults,nofail 0 2\n`),
    is: 'works',
    by: ofBoot,
    guards: 'required-mounts',
  },
  {
    id: 'log-folder-made-at-boot',
    on: 'debian12',
    what: '/var/log leads to a folder that tmpfiles.d makes',
    put: (at) =>
      at
        .take('/var/log')
        .link('/var/log', '/srv/log')
        .put('/usr/lib/tmpfiles.d/log.conf', 'd /srv/log 0755 root root -\n'),
    is: 'works',
    by: ofFolders,
    guards: can,
  },
  {
    id: 'log-folder-only-adjusted',
    on: 'debian12',
    what: '/var/log leads to a folder that tmpfiles.d only adjusts',
    put: (at) =>
      at
        .take('/var/log')
        .link('/var/log', '/srv/log')
        .put('/usr/lib/tmpfiles.d/log.conf', 'e /srv/log 0755 root root -\n'),
    is: 'broken',
    by: ofFolders,
    speaks: can,
    says: /\/var\/log/,
  },
]);
