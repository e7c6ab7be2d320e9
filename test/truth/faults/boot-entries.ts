import { agentUnit } from '../guests.js';
import type { Root } from '../root.js';
import { type Draft, rowsOf } from '../row.js';

/** A menu entry as update-grub writes it. */
const entry = (words: string, name = 'Debian GNU/Linux'): string =>
  `menuentry '${name}' {\n\tlinux /boot/vmlinuz root=/dev/xvda1 ro ${words}\n\tinitrd /boot/initrd.img\n}\n`;

const grub =
  (words: string) =>
  (root: Root): void => {
    root.put('/boot/grub/grub.cfg', `set default="0"\nset timeout=1\n${entry(words)}`);
  };

const rescue = ['systemd.unit=rescue.target'];
const decides = ['boot-target', 'agent-enabled'];

/** The words of the default entry, which the container's init is given as well. */
const wordsThatEndElsewhere: readonly Draft[] = (
  [
    ['unit-rescue', 'systemd.unit=rescue.target', ['debian11', 'debian12', 'debian13']],
    ['unit-emergency', 'systemd.unit=emergency.target', 'debian12'],
    ['unit-unknown', 'systemd.unit=multiuser.target', 'debian12'],
    ['rescue', 'rescue', 'debian13'],
    ['emergency', 'emergency', 'debian12'],
    ['single', 'single', ['debian11', 'debian12', 'debian12-sysv']],
    ['s', 's', 'debian12'],
    ['capital-s', 'S', 'debian12-sysv'],
    ['one', '1', ['debian13', 'debian12-sysv']],
    ['dash-b', '-b', 'debian12'],
    ['mask', `systemd.mask=${agentUnit}`, ['debian12', 'debian13']],
    ['mask-without-suffix', 'systemd.mask=python3-nova-agent', 'debian12'],
    ['last-word-counts', 'systemd.unit=multi-user.target single', 'debian12'],
    ['quoted', '"systemd.unit=rescue.target"', 'debian12'],
  ] as const
).map(([id, word, on]): Draft => ({
  id,
  on,
  what: `the default entry of grub.cfg says ${word}`,
  put: grub(word),
  words: word.replaceAll('"', '').split(' '),
  is: 'broken',
  speaks: decides,
  says: /grub\.cfg/,
}));

const wordsWithoutHarm: readonly Draft[] = (
  [
    ['unit-multi-user', 'systemd.unit=multi-user.target', 'debian12'],
    ['three', '3', ['debian11', 'debian12-sysv']],
    ['five', '5', 'debian13'],
    ['of-the-initrd', 'rd.systemd.show_status=1', 'debian12'],
    ['mask-another', 'systemd.mask=e2scrub_reap.service', 'debian12'],
    ['first-word-lost', 'single systemd.unit=multi-user.target', 'debian12'],
    ['wants', 'systemd.wants=systemd-random-seed.service', 'debian13'],
    ['unknown', 'quiet splash singleton=1 rescued', 'debian12'],
  ] as const
).map(([id, word, on]): Draft => ({
  id,
  on,
  what: `the default entry of grub.cfg says ${word}`,
  put: grub(word),
  words: word.split(' '),
  is: 'works',
  guards: decides,
}));

/** Where the words of the default entry can stand: GRUB's manual, the Boot Loader Specification, syslinux's wiki. */
const places: readonly Draft[] = (
  [
    [
      'custom-cfg',
      'custom.cfg, which grub.cfg reads (41_custom)',
      (root: Root): void => {
        root.put(
          '/boot/grub/grub.cfg',
          'set default="0"\nif [ -f ${config_directory}/custom.cfg ]; then\n  source ${config_directory}/custom.cfg\nfi\n',
        );
        root.put('/boot/grub/custom.cfg', entry(rescue.join(' ')));
      },
    ],
    [
      'second-entry',
      'the second entry, which is the default',
      (root: Root): void => {
        root.put(
          '/boot/grub/grub.cfg',
          `set default="1"\n${entry('quiet')}${entry(rescue.join(' '), 'other')}`,
        );
      },
    ],
    [
      'saved-entry',
      'the entry that grubenv has saved',
      (root: Root): void => {
        root.put(
          '/boot/grub/grub.cfg',
          `load_env\nset default="\${saved_entry}"\n${entry('quiet')}${entry(rescue.join(' '), 'other')}`,
        );
        root.put('/boot/grub/grubenv', grubenv('saved_entry=other'));
      },
    ],
    [
      'kernelopts',
      'kernelopts in grubenv, with which the entry ends',
      (root: Root): void => {
        root.put('/boot/grub/grub.cfg', `load_env\nset default="0"\n${entry('$kernelopts')}`);
        root.put('/boot/grub/grubenv', grubenv(`kernelopts=quiet ${rescue.join(' ')}`));
      },
    ],
    [
      'grub2',
      '/boot/grub2/grub.cfg',
      (root: Root): void => {
        root.put('/boot/grub2/grub.cfg', `set default="0"\n${entry(rescue.join(' '))}`);
      },
    ],
    ['entries-boot', 'an entry in /boot/loader/entries', blsBelow('/boot')],
    ['entries-efi', 'an entry in /efi/loader/entries', blsBelow('/efi')],
    ['entries-boot-efi', 'an entry in /boot/efi/loader/entries', blsBelow('/boot/efi')],
    [
      'extlinux',
      'extlinux.conf',
      (root: Root): void => {
        root.put(
          '/boot/extlinux/extlinux.conf',
          `DEFAULT linux\nLABEL linux\n  KERNEL /vmlinuz\n  APPEND root=/dev/xvda1 ro ${rescue.join(' ')}\n`,
        );
      },
    ],
    [
      'menu-lst',
      'menu.lst of GRUB legacy, by which Xen starts paravirtual guests',
      (root: Root): void => {
        root.put(
          '/boot/grub/menu.lst',
          `default 0\ntimeout 1\ntitle Debian\nroot (hd0)\nkernel /boot/vmlinuz root=/dev/xvda1 ro ${rescue.join(' ')}\ninitrd /boot/initrd.img\n`,
        );
      },
    ],
  ] as const
).map(([id, where, put]): Draft => ({
  id: `in-${id}`,
  on: 'debian12',
  what: `systemd.unit=rescue.target stands in ${where}`,
  put,
  words: rescue,
  is: 'broken',
  speaks: decides,
}));

function grubenv(line: string): string {
  const text = `# GRUB Environment Block\n${line}\n`;
  return text + '#'.repeat(1024 - text.length);
}

function blsBelow(folder: string) {
  return (root: Root): void => {
    root.put(
      `${folder}/loader/entries/debian.conf`,
      `title Debian\nversion 6.1\nlinux /vmlinuz\ninitrd /initrd.img\noptions root=/dev/xvda1 ro ${rescue.join(' ')}\n`,
    );
  };
}

export const bootEntries = rowsOf('boot-entries', [
  ...wordsThatEndElsewhere,
  ...wordsWithoutHarm,
  ...places,
  {
    id: 'init-shell',
    on: ['debian12', 'debian12-sysv'],
    what: 'the default entry says init=/bin/bash',
    put: grub('init=/bin/bash'),
    is: 'broken',
    by: { manual: 'bootparam(7), init=' },
    speaks: decides,
    says: /init=/,
  },
  {
    id: 'init-absent',
    on: 'debian13',
    what: 'the default entry says init=/opt/init, which is not there',
    put: grub('init=/opt/init'),
    is: 'broken',
    by: { source: 'linux, init/main.c: kernel_init panics when the requested init fails' },
    speaks: decides,
  },
  {
    id: 'init-itself',
    on: ['debian12', 'debian12-sysv'],
    what: 'the default entry says init=/sbin/init',
    put: grub('init=/sbin/init'),
    is: 'works',
    by: { manual: 'bootparam(7), init=' },
    guards: decides,
  },
  {
    id: 'default-grub-alone',
    on: ['debian12', 'debian13'],
    what: '/etc/default/grub says systemd.unit=rescue.target, and grub.cfg does not',
    put: (root) => {
      grub('quiet')(root);
      root.put('/etc/default/grub', 'GRUB_CMDLINE_LINUX="systemd.unit=rescue.target"\n');
    },
    is: 'works',
    guards: decides,
    may: ['boot-target'],
  },
  {
    id: 'recovery-entry',
    on: ['debian11', 'debian12'],
    what: 'the entry for recovery, in a submenu, says single',
    put: (root) =>
      root.put(
        '/boot/grub/grub.cfg',
        `set default="0"\n${entry('quiet')}submenu 'Advanced options' {\n${entry('quiet', 'again')}${entry('single', 'recovery mode')}}\n`,
      ),
    is: 'works',
    guards: decides,
  },
  {
    id: 'not-the-default',
    on: 'debian13',
    what: 'the second entry says systemd.unit=rescue.target, and the first is the default',
    put: (root) =>
      root.put(
        '/boot/grub/grub.cfg',
        `set default="0"\n${entry('quiet')}${entry(rescue.join(' '), 'repair')}`,
      ),
    is: 'works',
    guards: decides,
  },
  {
    id: 'comment',
    on: 'debian12',
    what: 'a comment of grub.cfg says systemd.unit=rescue.target',
    put: (root) =>
      root.put(
        '/boot/grub/grub.cfg',
        `set default="0"\n# linux /vmlinuz ${rescue.join(' ')}\n${entry('quiet')}`,
      ),
    is: 'works',
    guards: decides,
  },
  {
    id: 'file-nobody-reads',
    on: 'debian12',
    what: 'custom.cfg says it, and grub.cfg does not read it',
    put: (root) => {
      grub('quiet')(root);
      root.put('/boot/grub/custom.cfg', entry(rescue.join(' ')));
    },
    is: 'works',
    guards: decides,
  },
  {
    id: 'prepared',
    on: ['debian12', 'debian13'],
    what: 'the default entry says systemd.unit=rescue.target, and prepare is run',
    put: grub(rescue.join(' ')),
    prepared: true,
    is: 'works',
    by: { source: 'the word is gone from grub.cfg, as boot-entries/unit-rescue shows' },
  },
  {
    id: 'cloud-init-disabled',
    on: ['debian11-ci', 'debian12-ci', 'debian13-ci'],
    what: 'the default entry says cloud-init=disabled',
    put: grub('cloud-init=disabled'),
    words: ['cloud-init=disabled'],
    is: 'broken',
    speaks: 'cloud-init-enabled',
    says: /cloud-init=disabled/,
  },
  {
    id: 'cloud-init-disabled-default-grub',
    on: 'debian12-ci',
    what: '/etc/default/grub alone says cloud-init=disabled',
    put: (root) => {
      grub('quiet')(root);
      root.put('/etc/default/grub', 'GRUB_CMDLINE_LINUX="cloud-init=disabled"\n');
    },
    is: 'works',
    guards: 'cloud-init-enabled',
    may: ['cloud-init-enabled', 'boot-target'],
  },
  {
    id: 'cloud-init-disabled-bls',
    on: 'debian12-ci',
    what: 'an entry in /boot/efi/loader/entries says cloud-init=disabled',
    put: (root) =>
      root.put(
        '/boot/efi/loader/entries/debian.conf',
        'title Debian\nlinux /vmlinuz\noptions root=/dev/xvda1 ro cloud-init=disabled\n',
      ),
    words: ['cloud-init=disabled'],
    is: 'broken',
    speaks: 'cloud-init-enabled',
  },
  {
    id: 'network-config-disabled',
    on: 'debian12-ci',
    what: 'the default entry says network-config=disabled',
    put: grub('network-config=disabled'),
    words: ['network-config=disabled'],
    is: 'broken',
    speaks: ['cloud-init-network', 'network-owner'],
  },
]);
