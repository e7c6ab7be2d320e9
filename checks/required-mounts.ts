import { lostMounts } from '../images/guest/lost-mounts.js';
import { type Finding, defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { man } from './lib/references.js';

export const requiredMounts = defineCheck({
  meta: {
    id: 'required-mounts',
    title: 'every file system that the boot requires is on the server’s disks',
    failureTitle: 'a file system that the boot requires is not on the server’s disks',
    category: 'boot',
    severity: 'error',
    targets: ['nova-agent', 'cloud-init'],
    families: ['Linux'],
    scope: 'image',
    messages: {
      absent: 'the boot stops at {{mountPoint}}, which it requires: {{because}}',
      undecided: 'the boot requires {{mountPoint}}, and it cannot be told whether it is there: {{because}}',
      'not-mounted': 'the boot requires {{mountPoint}}, which could not be mounted here: {{because}}',
    },
    docs: {
      why: 'A local file system in /etc/fstab is required unless its line says otherwise. If its device is not there, systemd waits 90 seconds for it and then starts the emergency mode: a console that asks for the password of root, without network and without any agent. An init script of SysV starts a maintenance shell when fsck does not find the device, and upstart asks at the console. The server never becomes reachable. A missing swap area, a network share, and a line with noauto, nofail or x-systemd.automount do not stop the boot. Only `hallmark rescue` knows the disks of a server. Of an image alone, a required file system of another disk (/dev/xvdb1) is a warning, and so is one whose mount point is empty in the image: a server that is made of the image may not have it.',
      remedy:
        'If the disk is gone for good, remove its line from /etc/fstab or put `#` before it. If the server can do without it, add `nofail` to the options in the fourth field. If it is a volume that is only detached during the rescue, attach it and run `hallmark rescue` again. If its UUID changed, `blkid` prints the new one.',
      references: [
        man('systemd.mount(5)', 'FSTAB: nofail, x-systemd.device-timeout='),
        man('systemd-fstab-generator(8)', 'DESCRIPTION'),
        man('fstab(5)', 'The fourth field'),
        man('fsck(8)', '-A'),
      ],
    },
  },
  needs: { lostMounts },
  appliesTo: ({ lostMounts }) =>
    lostMounts !== undefined || 'only "hallmark rescue" knows which disks the server has',
  *run({ lostMounts = [] }): Iterable<Finding> {
    for (const { entry, presence } of lostMounts) {
      yield {
        message: presence.state,
        ...(presence.state === 'absent' ? {} : { severity: 'warning' }),
        data: { mountPoint: entry.mountPoint, because: presence.because },
        evidence: { path: '/etc/fstab', line: entry.line },
      };
    }
  },
});

export const example: Example = {
  guest: 'debian-12',
  disks: ['LABEL=root'],
  bad: {
    files: {
      '/etc/fstab': 'LABEL=root / ext4 defaults 0 1\nLABEL=data /srv/data ext4 defaults 0 2\n',
    },
    says: ['the boot stops at /srv/data, which it requires: LABEL=data is on none of the disks'],
  },
  good: {
    files: {
      '/etc/fstab': 'LABEL=root / ext4 defaults 0 1\nLABEL=data /srv/data ext4 defaults,nofail 0 2\n',
    },
  },
};
