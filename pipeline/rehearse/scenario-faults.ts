import { isIPv4, isIPv6 } from 'node:net';
import type { DocumentPath } from '../../images/base/checked-yaml.js';
import { requestText } from '../../images/formats/agent-message.js';
import { injectionOf } from './nova/agent-request.js';
import { parseCidr } from './nova/network.js';
import { networkInfo } from './nova/vm-data.js';
import { type Interface, type Round, type Scenario, type Step, commandOf } from './scenario.js';

/** Something that a scenario cannot mean, and where it is written. */
export interface ScenarioFault {
  readonly at: DocumentPath;
  readonly what: string;
}

/** A packet of the XenStore holds 4096 bytes (xenstore.txt); a write has the path in it, too. */
const valueLimit = 4096 - 100;

/** What the schema cannot say: addresses that are none, a network that is not there, a password without a key. */
export function* faultsOf(scenario: Scenario): Iterable<ScenarioFault> {
  const present: Interface[] = [];
  for (const [at, one] of scenario.interfaces.entries()) yield* added(present, one, ['interfaces', at]);
  let keyed = false;
  for (const [at, round] of scenario.rounds.entries()) {
    const place = ['rounds', at];
    yield* networksOf(round, present, place);
    yield* commandsOf(round, keyed, place);
    const names = round.send.map(commandOf);
    // The agents forget the keys when they have been used.
    keyed = names.includes('keyinit') || (keyed && !names.includes('password'));
  }
}

function* networksOf(round: Round, present: Interface[], place: DocumentPath): Iterable<ScenarioFault> {
  for (const [at, label] of (round.remove ?? []).entries()) {
    const index = present.findIndex((one) => one.label === label);
    if (index < 0)
      yield { at: [...place, 'remove', at], what: `names a network that the server does not have: ${label}` };
    else present.splice(index, 1);
  }
  for (const [at, one] of (round.add ?? []).entries()) yield* added(present, one, [...place, 'add', at]);
}

function* added(present: Interface[], one: Interface, at: DocumentPath): Iterable<ScenarioFault> {
  for (const key of ['device', 'mac', 'label'] as const)
    if (present.some((other) => other[key] === one[key]))
      yield { at: [...at, key], what: `is used by another interface as well: ${one[key]}` };
  present.push(one);
  const addresses = [...addressFaults(one, at)];
  yield* addresses;
  if (addresses.length > 0) return;
  if (!one.ipv4?.length && !one.ipv6?.length) yield { at, what: 'has no address' };
  if (networkInfo(one).length > valueLimit) yield { at, what: 'is too large for XenStore' };
}

function* addressFaults(one: Interface, place: DocumentPath): Iterable<ScenarioFault> {
  for (const [at, text] of (one.ipv4 ?? []).entries())
    if (parseCidr(text)?.family !== 4) yield { at: [...place, 'ipv4', at], what: wantsPrefix(text, 'IPv4') };
  for (const [at, text] of (one.ipv6 ?? []).entries())
    if (parseCidr(text)?.family !== 6) yield { at: [...place, 'ipv6', at], what: wantsPrefix(text, 'IPv6') };
  if (one.gateway !== undefined && !isIPv4(one.gateway))
    yield { at: [...place, 'gateway'], what: `is not an IPv4 address: ${one.gateway}` };
  if (one.gateway6 !== undefined && !isIPv6(one.gateway6))
    yield { at: [...place, 'gateway6'], what: `is not an IPv6 address: ${one.gateway6}` };
  for (const [at, text] of (one.dns ?? []).entries())
    if (!isIPv4(text) && !isIPv6(text))
      yield { at: [...place, 'dns', at], what: `is not an IP address: ${text}` };
  for (const [at, { to, via }] of (one.routes ?? []).entries()) {
    const route = [...place, 'routes', at];
    if (parseCidr(to)?.family !== 4) yield { at: [...route, 'to'], what: wantsPrefix(to, 'IPv4') };
    if (!isIPv4(via)) yield { at: [...route, 'via'], what: `is not an IPv4 address: ${via}` };
  }
}

function wantsPrefix(text: string, family: string): string {
  return `is not an ${family} address with a prefix: ${text}`;
}

function* commandsOf(round: Round, keyed: boolean, place: DocumentPath): Iterable<ScenarioFault> {
  const names = round.send.map(commandOf);
  for (const [at, step] of round.send.entries()) {
    const here = [...place, 'send', at];
    const name = commandOf(step);
    if (name !== 'injectfile' && names.indexOf(name) < at)
      yield { at: here, what: `sends ${name} twice in one round` };
    if (name !== 'password') yield* sizeFault(step, here);
    else if (names.includes('keyinit'))
      yield { at: here, what: 'needs the answer to keyinit; send it in a later round' };
    else if (!keyed) yield { at: here, what: 'needs a keyinit in an earlier round' };
  }
}

function* sizeFault(step: Step, at: DocumentPath): Iterable<ScenarioFault> {
  if (typeof step === 'string' || !('injectfile' in step)) return;
  const text = requestText({ name: 'injectfile', value: injectionOf(step.injectfile) });
  if (text.length > valueLimit) yield { at, what: `is too large for XenStore: ${text.length} bytes` };
}
