import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { KeyExchange, encryptPassword } from '../../pipeline/rehearse/nova/key-exchange.js';
import type { Expectation, Performance } from '../../pipeline/rehearse/nova/performance.js';
import { modeOfNewFile } from '../../pipeline/rehearse/nova/injected-modes.js';
import { play } from '../../pipeline/rehearse/nova/play.js';
import { writeVmData } from '../../pipeline/rehearse/nova/vm-data.js';
import { readScenario } from '../../pipeline/rehearse/scenario-file.js';
import type { Scenario } from '../../pipeline/rehearse/scenario.js';
import { XenStore } from '../../pipeline/rehearse/xenstore/store.js';
import { type RehearsalFault, rehearsalFaults } from '../guests/rehearsal/faults.js';
import { type Init, installStandIns } from '../guests/rehearsal/packages.js';
import { AgentAlone } from '../support/agent-alone.js';
import { RealRoots, sh } from '../support/real-roots.js';

/** What a guest was seen to have, in the terms of what it should have. */
interface Seen {
  readonly hostName: string;
  readonly hashIsOfPassword: boolean;
  readonly files: readonly (readonly [string, string, string])[];
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  readonly routes: readonly string[];
  readonly nameServers: readonly string[];
}

/** Looks at a guest by programs that share nothing with the agent. */
function look(root: string, agent: AgentAlone, { password, files }: Expectation): Seen {
  const hash = /^root:([^:]*):/m.exec(readFileSync(join(root, 'etc/shadow'), 'utf8'))?.[1] ?? '';
  const made = sh('perl', '-e', 'print crypt($ARGV[0], $ARGV[1])', password?.reveal() ?? '', hash);
  type Link = { ifname: string; addr_info: { local: string; prefixlen: number; scope: string }[] };
  const links = JSON.parse(agent.run('ip', '-j', 'address')) as Link[];
  const own = links.filter(({ ifname }) => ifname.startsWith('eth'));
  type Route = { dst: string; gateway?: string };
  const routesOf = (family: string): Route[] => JSON.parse(agent.run('ip', '-j', family, 'route')) as Route[];
  return {
    hostName: agent.run('hostname').trim(),
    hashIsOfPassword: made === hash,
    files: files.map(({ path }) => [
      path,
      readFileSync(join(root, path), 'utf8'),
      `0${(statSync(join(root, path)).mode & 0o777).toString(8)}`,
    ]),
    addresses: Object.fromEntries(
      own.map(({ ifname, addr_info }) => [
        ifname,
        addr_info
          .filter(({ scope }) => scope !== 'link')
          .map(({ local, prefixlen }) => `${local}/${prefixlen}`)
          .sort(),
      ]),
    ),
    routes: ['-4', '-6']
      .flatMap(routesOf)
      .flatMap(({ dst, gateway }) => (gateway === undefined ? [] : [`${dst} via ${gateway}`]))
      .sort(),
    // Without the guest's init nothing runs that would read them.
    nameServers: [
      ...new Set(
        [
          ...readFileSync(join(root, 'etc/network/interfaces'), 'utf8').matchAll(
            /^\tdns-nameservers (.*)$/gm,
          ),
        ].flatMap(([, servers = '']) => servers.split(' ')),
      ),
    ],
  };
}

/** What the stand-in stands in for. */
const agent = { generation: 2, version: '2.1.25' } as const;

/** What must be seen. */
function wanted({ hostName, files, interfaces }: Expectation): Seen {
  return {
    hostName,
    hashIsOfPassword: true,
    files: files.map(({ path, contents, mode = modeOfNewFile(agent) ?? '' }) => [path, contents, mode]),
    addresses: Object.fromEntries(interfaces.map(({ device, addresses }) => [device, [...addresses].sort()])),
    routes: interfaces.flatMap(({ routes }) => routes.map(({ to, via }) => `${to} via ${via}`)).sort(),
    nameServers: [...new Set(interfaces.flatMap(({ dns }) => dns))],
  };
}

describe("Nova's sequence, played to the stand-in agent", () => {
  let roots: RealRoots;
  let scenario: Scenario;
  const installed: Partial<Record<Init, string>> = {};

  before(async () => {
    roots = new RealRoots();
    scenario = await readScenario();
    for (const init of ['systemd', 'sysv'] as const) {
      const root = roots.unpack(init);
      await installStandIns(root, init);
      installed[init] = root;
    }
  });

  after(() => {
    roots[Symbol.dispose]();
  });

  /** Plays to the agent of a root; what was seen after each round in which the network was reset. */
  async function perform(
    root: string,
    played: Scenario,
    tunnel?: boolean,
  ): Promise<{ result: Performance; looks: readonly (readonly [Seen, Seen])[] }> {
    const store = new XenStore();
    writeVmData(store, played);
    const looks: (readonly [Seen, Seen])[] = [];
    const over = play({
      scenario: played,
      store,
      now: () => performance.now(),
      hooks: {
        addInterface: async (one) => {
          agent.add(one);
        },
        removeInterface: async (one) => {
          agent.remove(one);
        },
        afterRound: async (_, expected) => {
          if (expected.networkReset) looks.push([look(root, agent, expected), wanted(expected)]);
        },
      },
    });
    const folder = roots.folder('alone');
    await using agent = await AgentAlone.start(root, store, folder, played.interfaces, {
      poll: 0.2,
      tunnel,
    });
    const result = await over;
    assert.deepEqual([store.list('data/host'), store.list('data/guest')], [[], []]);
    return { result, looks };
  }

  for (const init of ['systemd', 'sysv'] as const) {
    it(`has its effects on a ${init} guest`, async () => {
      const root = roots.copy(installed[init] ?? '');
      const { result, looks } = await perform(root, scenario);
      assert.deepEqual([result.outcome, result.reason], ['passed', undefined]);
      assert.equal(looks.length, 3);
      for (const [seen, should] of looks) assert.deepEqual(seen, should);
      assert.deepEqual(
        looks.map(([{ addresses }]) => Object.keys(addresses)),
        [
          ['eth0', 'eth1'],
          ['eth0', 'eth1', 'eth2'],
          ['eth0', 'eth1'],
        ],
      );
      const log = readFileSync(join(root, 'var/log/nova-agent.log'), 'utf8');
      assert.match(log, /\[INFO \] Provider: Rackspace\n/);
      // Without systemd as process 1 hostnamectl cannot work; the agent says so, and calls hostname(1).
      assert.doesNotMatch(log, /\[(ERROR|CRITI)\] (?!Error using hostnamectl)/);
      const backups = readdirSync(join(root, 'etc/network')).filter((name) => name.endsWith('.bak'));
      assert.equal(backups.length, 3);
      roots.release(root);
    });
  }

  it('is not disturbed by a tunnel', async () => {
    const root = roots.copy(installed.sysv ?? '');
    const rounds = scenario.rounds.slice(0, 2);
    const { result, looks } = await perform(root, { ...scenario, rounds }, true);
    assert.equal(result.reason, undefined);
    for (const [seen, should] of looks) assert.deepEqual(seen, should);
    roots.release(root);
  });

  /** How each kind of evidence that this test can look at shows that something is wrong. */
  const refuted: Readonly<Record<string, (seen: Seen, should: Seen, root: string) => boolean>> = {
    password: (seen) => !seen.hashIsOfPassword,
    addresses: (seen, should) => JSON.stringify(seen.addresses) !== JSON.stringify(should.addresses),
    'host name': (seen, should) => seen.hostName !== should.hostName,
    'name servers': (seen, should) => seen.nameServers.join() !== should.nameServers.join(),
    'changed files': (_seen, _should, root) => existsSync(join(root, 'srv/elsewhere')),
  };

  const ofProgram = rehearsalFaults.filter(({ ofProgram: isOfProgram, symptom }) => {
    const { evidence } = symptom;
    return isOfProgram && (evidence === undefined || evidence === 'log' || evidence in refuted);
  });
  for (const fault of ofProgram) {
    it(`fails when the agent ${fault.name.replace(/^the agent /, '')}`, async () => {
      await shows(fault);
    });
  }

  async function shows({ apply, symptom, needsTunnel }: RehearsalFault): Promise<void> {
    const root = roots.copy(installed.sysv ?? '');
    apply(root, 'sysv');
    const limits = { version: 5, call: 3, resetnetwork: 10, total: 60 };
    const { result, looks } = await perform(
      root,
      { ...scenario, limits, rounds: scenario.rounds.slice(0, 2) },
      needsTunnel,
    );
    const { command, requestLeft, evidence } = symptom;
    if (command) {
      const found = result.commands.find((one) => one.command === command.name);
      assert.equal(found?.outcome, command.outcome, found?.detail);
    }
    if (requestLeft) assert.equal(result.commands[0]?.requestRemoved, false);
    const refute = evidence === undefined ? undefined : refuted[evidence];
    if (refute) {
      const [seen, should] = looks.at(-1) ?? assert.fail('nothing was looked at');
      assert.ok(refute(seen, should, root), JSON.stringify(seen));
    }
    if (evidence === 'log') {
      const log = readFileSync(join(root, 'var/log/nova-agent.log'), 'utf8');
      assert.match(log, /Provider: None\n.*\[ERROR\] Invalid provider for instance, agent will exit\n/);
    }
    roots.release(root);
  }
});

describe('the encryption of passwords', () => {
  it('is what openssl decrypts, and encrypts', () => {
    for (let round = 0; round < 20; round++) {
      const [host, guest] = [new KeyExchange(), new KeyExchange()];
      const shared = host.sharedWith(guest.publicKey);
      const password = 'x'.repeat(round) + 'é"$\\';
      const encrypted = encryptPassword(password, shared);
      assert.equal(openssl(['-d'], encrypted, shared), `${password}\n`);
      assert.equal(openssl([], `${password}\n`, shared), encrypted);
    }
  });

  /** The very command of nova's `SimpleDH`, with the digest that was OpenSSL's default then. */
  function openssl(more: readonly string[], input: string, shared: string): string {
    const cipher = ['enc', '-aes-128-cbc', '-A', '-a', '-nosalt', '-md', 'md5', '-pass', `pass:${shared}`];
    return execFileSync('openssl', [...cipher, ...more], { input, encoding: 'utf8', stdio: 'pipe' });
  }
});
