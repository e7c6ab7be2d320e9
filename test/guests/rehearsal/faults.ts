import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CommandOutcome } from '../../../pipeline/rehearse/nova/performance.js';
import type { CommandName } from '../../../pipeline/rehearse/scenario.js';
import { sh } from '../../support/real-roots.js';
import { edit, install, take } from '../healthy.js';
import { xeUnitV10 } from '../parts.js';
import { type Init, anywhere } from './packages.js';

/** Where a rehearsal must notice a fault. */
interface Symptom {
  /** The command that must fail, and how. */
  readonly command?: { readonly name: CommandName; readonly outcome: CommandOutcome };
  /** An answer that is well, to a request that stays where it is. */
  readonly requestLeft?: true;
  /** What a look at the guest must refute, in words. */
  readonly evidence?:
    | 'password'
    | 'addresses'
    | 'host name'
    | 'name servers'
    | 'changed files'
    | 'enabled'
    | 'started'
    | 'order'
    | 'cycle'
    | 'log';
}

/** Something wrong with an agent or with how its image starts it, put into a golden root with the stand-ins. */
export interface RehearsalFault {
  readonly name: string;
  readonly inits: readonly Init[];
  /** It is of the agent's program, and shows whatever has started that. */
  readonly ofProgram?: true;
  readonly symptom: Symptom;
  /** The guest must have a tunnel for it to show. */
  readonly needsTunnel?: true;
  readonly apply: (root: string, init: Init) => void;
}

const both = ['systemd', 'sysv'] as const;
const agentUnit = 'python3-nova-agent.service';
const agentWants = `/etc/systemd/system/multi-user.target.wants/${agentUnit}`;
const dropIn = `/etc/systemd/system/${agentUnit}.d/zz-fault.conf`;
const unanswered = { name: 'version', outcome: 'time-out' } as const;

/**
 * A fault of the program itself (test/guests/rehearsal/agent/novaagent/faults.py).
 * @param inits - most faults show in the same way whatever has started the program
 */
function ofAgent(
  name: string,
  line: string,
  symptom: Symptom,
  inits: readonly Init[] = ['systemd'],
): RehearsalFault {
  return {
    name,
    inits,
    ofProgram: true,
    symptom,
    apply: (root) => {
      install(root, { '/etc/nova-agent-faults': `${line}\n` });
    },
  };
}

export const rehearsalFaults: readonly RehearsalFault[] = [
  ofAgent('never answers', 'never-answers', { command: unanswered }, both),
  ofAgent('answers after the limit', 'answers-late 35', { command: unanswered }),
  {
    ...ofAgent('crashes with a tunnel', 'crashes-with-a-tunnel', {
      command: { name: 'resetnetwork', outcome: 'time-out' },
    }),
    needsTunnel: true,
  },
  ofAgent('returns 0 but sets no password', 'sets-no-password', { evidence: 'password' }),
  ofAgent('exchanges keys by another base', 'exchanges-wrong-keys', { evidence: 'password' }),
  ofAgent('writes a wrong address', 'writes-wrong-address', { evidence: 'addresses' }),
  ofAgent('sets no host name', 'sets-no-host-name', { evidence: 'host name' }),
  ofAgent('forgets the name servers', 'forgets-name-servers', { evidence: 'name servers' }),
  ofAgent('writes outside', 'writes-outside', { evidence: 'changed files' }),
  ofAgent('leaves requests behind', 'leaves-requests', { requestLeft: true }),
  ofAgent('answers with what is no JSON', 'answers-no-json', {
    command: { name: 'version', outcome: 'malformed' },
  }),
  ofAgent('cannot reset the network', 'fails-to-reset', {
    command: { name: 'resetnetwork', outcome: 'wrong' },
  }),
  ofAgent('finds no provider, and ends', 'finds-no-provider', { command: unanswered, evidence: 'log' }),
  {
    name: 'the program is missing',
    inits: both,
    symptom: { command: unanswered, evidence: 'started' },
    apply: (root) => {
      take(root, '/usr/bin/nova-agent');
    },
  },
  {
    name: 'the agent is disabled',
    inits: both,
    symptom: { command: unanswered, evidence: 'enabled' },
    apply: (root, init) => {
      if (init === 'systemd') take(root, agentWants);
      else sh('chroot', root, 'update-rc.d', 'nova-agent', 'disable');
    },
  },
  {
    name: 'the agent starts before the guest utilities',
    inits: both,
    symptom: { evidence: 'order' },
    apply: (root, init) => {
      if (init === 'systemd') putOrder(root, 'Before=xe-linux-distribution.service');
      else putSysvOrder(root);
    },
  },
  {
    name: 'a cycle takes the agent out of the boot',
    inits: ['systemd'],
    symptom: { command: unanswered, evidence: 'cycle' },
    apply: (root) => {
      putOrder(root, 'After=basic.target', 'Before=sysinit.target');
    },
  },
  {
    name: 'the obvious drop-in makes a cycle with the guest utilities',
    inits: ['systemd'],
    // Which of the cycle's jobs systemd takes out, it decides anew.
    symptom: { evidence: 'cycle' },
    apply: (root) => {
      install(root, { '/lib/systemd/system/xe-linux-distribution.service': anywhere(xeUnitV10) });
      putOrder(root, 'After=xe-linux-distribution.service');
    },
  },
];

/** Orders the agent's unit, in the place of whatever Hallmark has ordered. */
function putOrder(root: string, ...lines: readonly string[]): void {
  rmSync(join(root, dirname(dropIn)), { recursive: true, force: true });
  install(root, { [dropIn]: `[Unit]\n${lines.join('\n')}\n` });
}

/** insserv numbers scripts by what their headers require. */
function putSysvOrder(root: string): void {
  edit(root, '/etc/init.d/nova-agent', / xe-linux-distribution$/gm, '');
  edit(root, '/etc/init.d/xe-linux-distribution', '$remote_fs', '$remote_fs Nova-Agent');
  sh('chroot', root, '/sbin/insserv', 'nova-agent', 'xe-linux-distribution');
}
