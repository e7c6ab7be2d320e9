import { installedAgents, servicesNamed } from '../images/guest/agents/agent-services.js';
import { xe } from '../images/guest/agents/xe.js';
import { bootEntries } from '../images/guest/boot/entries.js';
import { isForRepairWord } from '../images/guest/boot/entry.js';
import { stageServices } from '../images/guest/cloud-init/stages.js';
import { bootGoal } from '../images/guest/init/goal.js';
import { services } from '../images/guest/init/services.js';
import { defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { man } from './lib/references.js';

export const bootTarget = defineCheck({
  meta: {
    id: 'boot-target',
    title: 'the boot leads to a working server, not to rescue.target or a shell',
    failureTitle: 'the boot does not lead to a working server',
    category: 'boot',
    severity: 'error',
    targets: ['nova-agent', 'cloud-init'],
    families: ['Linux'],
    scope: 'image',
    messages: {
      elsewhere: 'the boot does not lead to a working server: {{because}}',
      undecided: 'whether the boot leads to a working server is not in the image: {{because}}',
      withheld: '{{service}} does not start: {{word}} on the kernel command line keeps it from starting',
      later:
        '{{word}} is not on the kernel command line yet, but the next update of the kernel or of the boot loader puts it there',
      unified: 'the kernel command line is inside {{path}}, which is not read',
    },
    docs: {
      why: 'The boot loader hands words to the kernel, and the init obeys them: `single`, `systemd.unit=rescue.target` or `init=/bin/bash` end in a shell at the console, `systemd.mask=` forbids a service, a runlevel takes the place of the configured one. default.target of systemd and the initdefault line of /etc/inittab decide the rest. A server that was repaired by hand and then made an image often keeps such a word or link. Every server built from it then waits at a console that nobody looks at. Only the entry that the loader boots by itself counts; entries for recovery do no harm.',
      remedy:
        'Remove the word from the boot entry and from what entries are made from: /etc/default/grub (then `update-grub`, or `grub2-mkconfig -o /boot/grub2/grub.cfg`), `grubby --update-kernel=ALL --remove-args=WORD` (Fedora and Enterprise Linux), the options line of the entry in loader/entries, the append line of extlinux.conf. For the default target: `systemctl set-default multi-user.target`. Under SysV, set the initdefault line of /etc/inittab to 2 (Debian) or 3 (Enterprise Linux).',
      references: [
        man('kernel-command-line(7)', 'systemd.unit=, systemd.mask=, emergency, rescue, single'),
        man('systemd.special(7)', 'default.target'),
        man('bootparam(7)', 'init='),
        man('inittab(5)', 'initdefault'),
        { title: 'GNU GRUB manual', where: 'Simple configuration handling; The GRUB environment block' },
      ],
    },
  },
  needs: { bootEntries, bootGoal, installedAgents, services, xe },
  *run({ bootEntries, bootGoal, installedAgents, services, xe }, { target }) {
    const wanted =
      target === 'cloud-init'
        ? servicesNamed(stageServices.flat(), services)
        : [
            ...installedAgents.flatMap((agent) => agent.services),
            ...servicesNamed(xe?.serviceNames ?? [], services),
          ];
    const nothingStarts = wanted.length > 0 && wanted.every(({ state }) => state !== 'enabled');
    for (const { certain, evidence, because, word } of bootGoal.obstacles) {
      // Where a target of one's own starts what the server lives by, it may well be meant.
      const known =
        certain || (nothingStarts && wanted.some(({ withheldBy }) => withheldBy?.because === because));
      const data = { because, ...(word === undefined ? {} : { word }) };
      if (known) yield { message: 'elsewhere', data, evidence };
      else yield { message: 'undecided', severity: 'warning', data, evidence };
    }
    for (const { id } of wanted) {
      const word = bootGoal.withheld.get(id);
      if (word)
        yield { message: 'withheld', data: { service: id, word: word.text }, evidence: word.evidence };
    }
    for (const { text, evidence } of bootEntries.pending) {
      if (isForRepairWord(text))
        yield { message: 'later', severity: 'warning', data: { word: text }, evidence };
    }
    const [path] = bootEntries.unified;
    if (path !== undefined)
      yield { message: 'unified', severity: 'warning', data: { path }, evidence: { path } };
  },
});

export const example: Example = {
  guest: 'debian-12',
  bad: {
    files: {
      '/boot/grub/grub.cfg':
        "set timeout=5\nmenuentry 'Debian' {\n  linux /vmlinuz root=/dev/xvda1 ro single\n}\n",
    },
    says: [
      'the boot does not lead to a working server: single on the kernel command line starts rescue.target, which does not start multi-user.target',
    ],
  },
  good: {
    files: {
      '/boot/grub/grub.cfg':
        "set timeout=5\nmenuentry 'Debian' {\n  linux /vmlinuz root=/dev/xvda1 ro quiet\n}\nmenuentry 'Debian (recovery mode)' {\n  linux /vmlinuz root=/dev/xvda1 ro single\n}\n",
    },
  },
};
