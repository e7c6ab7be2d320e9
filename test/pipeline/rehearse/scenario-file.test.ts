import assert from 'node:assert/strict';
import { UsageError } from '../../../images/base/errors.js';
import { parseScenario, readScenario } from '../../../pipeline/rehearse/scenario-file.js';
import { commandOf } from '../../../pipeline/rehearse/scenario.js';

const start = `name: small
hostName: web1
interfaces:
  - {device: eth0, mac: 'BC:76:4E:04:CF:E5', label: public, ipv4: [203.0.113.4/24]}
`;
const version = 'rounds: [{name: a, send: [version]}]\n';

/** A scenario with a second interface, written on line 5. */
const second = (text: string): string =>
  `${start}  - {device: eth1, mac: 'BC:76:4E:04:CF:E6', ${text}}\n${version}`;
const rounds = (...texts: string[]): string =>
  `${start}rounds:\n${texts.map((text) => `  - {name: a, ${text}}\n`).join('')}`;

describe('the scenario that comes with Hallmark', () => {
  it('has both networks, every command, a second password, and a network that comes and goes', async () => {
    const scenario = await readScenario();
    assert.deepEqual(
      scenario.interfaces.map(({ label, ipv4, ipv6 }) => [label, ipv4?.length, ipv6?.length]),
      [
        ['public', 1, 1],
        ['private', 1, 1],
      ],
    );
    const sent = scenario.rounds.map(({ send }) => send.map(commandOf));
    assert.deepEqual(sent, [
      ['version', 'features', 'keyinit', 'injectfile'],
      ['password', 'resetnetwork'],
      ['keyinit', 'resetnetwork'],
      ['password', 'resetnetwork'],
    ]);
    const added = scenario.rounds.flatMap(({ add = [] }) => add.map(({ label }) => label));
    assert.deepEqual(
      added,
      scenario.rounds.flatMap(({ remove = [] }) => remove),
    );
    assert.equal(added.length, 1);
  });
});

describe('scenario', () => {
  it("has Nova's limits where it says nothing else", async () => {
    const { limits } = await parseScenario(`${start}${version}limits: {call: 2.5}\n`, 'x');
    assert.deepEqual(limits, { version: 300, call: 2.5, resetnetwork: 60, total: 600 });
  });

  it('may take the code that old agents answer on success', async () => {
    const {
      rounds: [round],
    } = await parseScenario(rounds('send: [resetnetwork: {accept: ["0", "500"]}]'), 'x');
    assert.deepEqual(round?.send, [{ resetnetwork: { accept: ['0', '500'] } }]);
  });

  const bad: [string, RegExp][] = [
    ['', /^x:1: the file must have required property 'name'$/],
    [start, /^x:1: the file must have required property 'rounds'$/],
    [`${start}${version}password: secret\n`, /^x:1: the file has an unknown key: password$/],
    [
      `${start}rounds: [{name: a, send: [reboot]}]\n`,
      /^x:5: rounds.0.send.0 must be equal to one of the allowed values: version, /,
    ],
    [
      `${start}rounds: [{name: a, send: [injectfile: {path: etc/x, contents: a}]}]\n`,
      /^x:5: rounds.0.send.0.injectfile.path must match/,
    ],
    [
      `${start}rounds: [{name: a, send: [injectfile: {path: '/a,b', contents: a}]}]\n`,
      /^x:5: rounds.0.send.0.injectfile.path must match/,
    ],
    [
      second('label: public, ipv4: [10.0.0.1/8]'),
      /^x:5: interfaces.1.label is used by another interface as well: public$/,
    ],
    [second('label: a'), /^x:5: interfaces.1 has no address$/],
    [
      second('label: a, ipv4: [10.0.0.1]'),
      /^x:5: interfaces.1.ipv4.0 is not an IPv4 address with a prefix: 10.0.0.1$/,
    ],
    [second('label: a, ipv4: [10.0.0.1/33]'), /ipv4.0 is not an IPv4 address with a prefix/],
    [second("label: a, ipv4: ['fe80::1/64']"), /ipv4.0 is not an IPv4 address with a prefix/],
    [second('label: a, ipv6: [10.0.0.1/8]'), /ipv6.0 is not an IPv6 address with a prefix/],
    [
      second('label: a, ipv4: [10.0.0.1/8], gateway: x'),
      /^x:5: interfaces.1.gateway is not an IPv4 address: x$/,
    ],
    [second('label: a, ipv4: [10.0.0.1/8], gateway6: 10.0.0.1'), /gateway6 is not an IPv6 address/],
    [second('label: a, ipv4: [10.0.0.1/8], dns: [name]'), /dns.0 is not an IP address: name/],
    [
      second('label: a, ipv4: [10.0.0.1/8], routes: [{to: default, via: 10.0.0.2}]'),
      /routes.0.to is not an IPv4 address with/,
    ],
    [
      second('label: a, ipv4: [10.0.0.1/8], routes: [{to: 10.2.0.0/16, via: eth0}]'),
      /routes.0.via is not an IPv4 address/,
    ],
    [start.replace('BC:', 'BD:') + version, /^x:4: interfaces.0.mac must match pattern/],
    [start.replace('web1', '-web1') + version, /^x:2: hostName must match pattern/],
    [start.replace('small', '"\\e[31m"') + version, /^x:1: name must match pattern/],
    [rounds('send: [password]'), /^x:6: rounds.0.send.0 needs a keyinit in an earlier round$/],
    [
      rounds('send: [keyinit, password]'),
      /^x:6: rounds.0.send.1 needs the answer to keyinit; send it in a later round$/,
    ],
    [
      rounds('send: [keyinit]', 'send: [password]', 'send: [password]'),
      /^x:8: rounds.2.send.0 needs a keyinit/,
    ],
    [rounds('send: [features, features]'), /^x:6: rounds.0.send.1 sends features twice in one round$/],
    [
      rounds('remove: [other], send: [features]'),
      /^x:6: rounds.0.remove.0 names a network that the server does not have: other$/,
    ],
    [
      rounds(`send: [injectfile: {path: /a, contents: ${'x'.repeat(3000)}}]`),
      /is too large for XenStore: \d+ bytes$/,
    ],
  ];
  for (const [text, message] of bad) {
    it(`refuses, in one line: ${message.source}`, async () => {
      await assert.rejects(
        parseScenario(text, 'x'),
        (error) =>
          error instanceof UsageError && error.code === 'bad-scenario' && message.test(error.message),
      );
    });
  }

  it('must be there when it is named', async () => {
    await assert.rejects(
      readScenario('/nowhere/x.yaml'),
      /cannot read \/nowhere\/x.yaml: there is no such file/,
    );
  });
});
