import { lostFacilities, providesItself, startsAfter } from '../../checks/lib/lsb-faults.js';
import {
  type LsbFieldName,
  type NewLsbHeader,
  addLsbHeader,
  lsbFieldWords,
  parseLsbHeader,
  setLsbField,
} from '../../images/formats/lsb-header.js';
import type { InitScript, InitScripts } from '../../images/guest/init/init-scripts.js';
import type { Service } from '../../images/guest/init/service.js';

/** The names under which nova-agent's headers ask for the guest utilities, whichever of them the guest has. */
const xeNames = ['xe-linux-distribution', 'xe-daemon', 'xe-guest-utilities'];

const startLevels = ['2', '3', '4', '5'];
const stopLevels = ['0', '1', '6'];

/** What a script without a header is given: for nova-agent the block of "All About Nova-Agent", to the letter. */
function newHeader(name: string, before: readonly Service[], isAgent: boolean): NewLsbHeader {
  const required = [
    ...before.slice(0, 1).map((service) => service.name),
    '$remote_fs',
    ...(isAgent ? ['$syslog'] : []),
  ];
  return {
    provides: [name],
    requiredStart: required,
    requiredStop: required,
    defaultStart: startLevels,
    defaultStop: stopLevels,
    shortDescription: isAgent
      ? 'Start nova-agent at boot time'
      : 'Start the XenServer guest utilities at boot time',
    description: isAgent
      ? 'nova-agent is a guest agent for OpenStack nova.'
      : 'The guest utilities make XenStore reachable and report to XenServer.',
  };
}

/**
 * The text of a script (or of insserv's override of it) with the faults of its header repaired, and nothing else.
 * @param before - services that it must be started after; none for the guest utilities themselves
 * @returns undefined when the header is not closed: where it ends is for a person to say
 */
export function repairHeader(
  text: string,
  script: InitScript,
  scripts: InitScripts,
  before: readonly Service[],
  isAgent: boolean,
): string | undefined {
  const header = parseLsbHeader(text);
  if (!header) return addLsbHeader(text, newHeader(script.name, before, isAgent));
  if (header.end === undefined) return undefined;
  let repaired: string | undefined = text;
  const set = (name: LsbFieldName, words: readonly string[]): void => {
    repaired = repaired === undefined ? undefined : setLsbField(repaired, name, words.join(' '));
  };
  if (!providesItself(script)) set('Provides', [script.name]);
  if (lsbFieldWords(header, 'Default-Start').length === 0) {
    set('Default-Start', startLevels);
    set('Default-Stop', stopLevels);
  }
  for (const name of ['Required-Start', 'Required-Stop'] as const) {
    const words = lsbFieldWords(header, name);
    const wanted = requirements(words, script, scripts, before);
    if (wanted.join(' ') !== words.join(' ')) set(name, wanted);
  }
  return repaired;
}

/** Required facilities without those that nothing provides, and with the guest utilities in front. */
function requirements(
  words: readonly string[],
  script: InitScript,
  scripts: InitScripts,
  before: readonly Service[],
): string[] {
  const lost = lostFacilities(script, scripts, before);
  const kept = words.filter((facility) => !lost.includes(facility));
  const asked = words.some((facility) => xeNames.includes(facility) && lost.includes(facility));
  const [xe] = before;
  const lacking = xe !== undefined && (asked || !startsAfter(script, before));
  return lacking && !kept.includes(xe.name) ? [xe.name, ...kept] : kept;
}
