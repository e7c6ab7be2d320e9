import { bootTarget, example } from '../../checks/boot-target.js';
import type { BootEntries } from '../../images/guest/boot/entries.js';
import { type BootGoal, ordinaryGoal } from '../../images/guest/init/boot-goal.js';
import { aService, anXe, installed, someServices, xeService } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

const entries: BootEntries = { menus: [], words: [], doubtful: [], pending: [], unified: [] };
const facts = {
  bootEntries: entries,
  bootGoal: ordinaryGoal,
  installedAgents: [installed()],
  services: someServices(),
  xe: anXe(),
};
const grub = { path: '/boot/grub/grub.cfg', line: 2 } as const;
const leading = (change: Partial<BootGoal['obstacles'][number]>): BootGoal => ({
  ...ordinaryGoal,
  obstacles: [
    { certain: true, evidence: grub, because: 'single starts rescue.target', word: 'single', ...change },
  ],
});
const own = leading({ certain: false, because: 'default.target is own.target', word: undefined });
const held = { state: 'disabled', withheldBy: own.obstacles[0] } as const;

testRule(bootTarget, {
  example,
  pass: [
    { name: 'an ordinary boot', facts },
    {
      name: 'words that say nothing, where entries are made',
      facts: {
        ...facts,
        bootEntries: {
          ...entries,
          pending: [
            { text: 'quiet', evidence: grub },
            { text: 'rd.systemd.unit=rescue.target', evidence: grub },
          ],
        },
      },
    },
    {
      name: 'a word withholds what nobody asks for',
      facts: {
        ...facts,
        bootGoal: {
          ...ordinaryGoal,
          withheld: new Map([['cups.service', { text: 'systemd.mask=cups', evidence: grub }]]),
        },
      },
    },
  ],
  fail: [
    {
      name: 'a word',
      facts: { ...facts, bootGoal: leading({}) },
      findings: [
        { message: 'elsewhere', severity: 'error', path: grub.path, line: 2, text: /single starts rescue/ },
      ],
    },
    {
      name: 'an entry that may be the one',
      facts: { ...facts, bootGoal: leading({ certain: false }) },
      findings: [{ message: 'undecided', severity: 'warning', path: grub.path, line: 2 }],
    },
    {
      name: 'a target of its own that starts the agent',
      facts: { ...facts, bootGoal: own },
      findings: [{ message: 'undecided', severity: 'warning' }],
    },
    {
      name: 'a target of its own that starts nothing',
      facts: {
        ...facts,
        bootGoal: own,
        installedAgents: [installed(undefined, [aService(held)])],
        services: someServices({ all: [aService(held), xeService(held)] }),
      },
      findings: [{ message: 'elsewhere', severity: 'error' }],
    },
    {
      name: 'a mask on the command line',
      facts: {
        ...facts,
        bootGoal: {
          ...ordinaryGoal,
          withheld: new Map([['nova-agent.service', { text: 'systemd.mask=nova-agent', evidence: grub }]]),
        },
      },
      findings: [
        {
          message: 'withheld',
          severity: 'error',
          line: 2,
          text: /nova-agent\.service.*systemd\.mask=nova-agent/,
        },
      ],
    },
    {
      name: 'a word that the next entry will have',
      facts: {
        ...facts,
        bootEntries: {
          ...entries,
          pending: [{ text: 'single', evidence: { path: '/etc/default/grub', line: 3 } }],
        },
      },
      findings: [{ message: 'later', severity: 'warning', path: '/etc/default/grub', line: 3 }],
    },
    {
      name: 'nothing but unified images',
      facts: { ...facts, bootEntries: { ...entries, unified: ['/efi/EFI/Linux/a.efi'] } },
      findings: [{ message: 'unified', severity: 'warning', path: '/efi/EFI/Linux/a.efi' }],
    },
  ],
});
