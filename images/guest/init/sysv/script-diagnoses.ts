import { expandFacility } from '../../../formats/insserv-conf.js';
import { type LsbFieldName, lsbFieldWords } from '../../../formats/lsb-header.js';
import { bootEntryInputs } from '../../boot/entries.js';
import type { Fact } from '../../fact.js';
import { sourcedInputs } from '../shell-world.js';
import type { Input } from '../../../image/inputs.js';
import type { Script } from './scripts.js';
import { type Sysv, readSysv } from './state.js';

/** An init script, and what is wrong with its header. */
export interface ScriptDiagnosis extends Script {
  /** Facilities in its Required-Start that no installed script and no system facility provides. */
  readonly unsatisfied: readonly string[];
  /** What insserv would say of it, without "insserv: " and "warning: ". */
  readonly complaints: readonly string[];
}

/** The guest paths that the init scripts, their links and their order are read from, in all spellings. */
export const sysvInputs: readonly Input[] = [
  '/etc/init.d/*',
  '/etc/init.d/.depend.boot',
  '/etc/init.d/.depend.start',
  '/etc/init.d/.depend.stop',
  '/etc/init.d/.legacy-bootordering',
  '/etc/init.d/rc?.d/*',
  '/etc/init.d/boot.d/*',
  '/etc/rc?.d/*',
  '/etc/rc.d/init.d/*',
  '/etc/rc.d/rc?.d/*',
  '/etc/insserv.conf',
  '/etc/insserv.conf.d/*',
  '/etc/insserv/overrides/*',
  '/usr/share/insserv/overrides/*',
  '/etc/inittab',
  '/etc/default/rcS',
  ...sourcedInputs,
  // Where 1.x of the agent keeps the script that its link in /etc/init.d leads to.
  '/usr/share/nova-agent/*/etc/*/nova-agent',
  ...bootEntryInputs,
];

/** The system facilities that the standard names; where no insserv.conf defines them, the init system does. */
const standardFacilities = ['$local_fs', '$network', '$named', '$portmap', '$remote_fs', '$syslog', '$time'];

/** Every init script with what its header says, sorted by name. Empty when the guest has no /etc/init.d. */
export const scriptDiagnoses: Fact<readonly ScriptDiagnosis[]> = {
  name: 'init-scripts',
  inputs: sysvInputs,
  gather: async (image) => {
    const sysv = await readSysv(image);
    return [...sysv.scripts.values()].map((script) => ({
      ...script,
      unsatisfied: unsatisfiedOf(sysv, script),
      complaints: complaintsAbout(sysv, script),
    }));
  },
};

function unsatisfiedOf(sysv: Sysv, script: Script): string[] {
  const needs = lsbFieldWords(script.header, 'Required-Start', true);
  const names = needs.filter((need) => !/^(?:\$all|\$null)$/i.test(need) && !need.startsWith('+'));
  return [...new Set(names)].filter((name) => {
    if (!name.startsWith('$')) return !providerOf(sysv, name);
    if (expandFacility(sysv.conf, name)) return false;
    return sysv.conf.facilities.size > 0 || !standardFacilities.includes(name);
  });
}

/** Who provides a facility; for chkconfig a script's own name counts, too. */
function providerOf(sysv: Sysv, facility: string): Script | undefined {
  return [...sysv.scripts.values()].find(
    (script) =>
      script.facilities.includes(facility) || (sysv.dialect === 'chkconfig' && script.name === facility),
  );
}

const mandatory: readonly LsbFieldName[] = [
  'Provides',
  'Required-Start',
  'Required-Stop',
  'Default-Start',
  'Default-Stop',
];

function complaintsAbout(sysv: Sysv, script: Script): string[] {
  const { header, name } = script;
  if (!header) return script.openrc ? [] : [`script '${name}' missing LSB tags`];
  if (header.end === undefined) return [`script ${name} is broken: missing end of LSB comment.`];
  const complaints = mandatory
    .filter((field) => !header.fields.has(field))
    .map((field) => `script ${name} is broken: incomplete LSB comment. missing \`${field}:' entry`);
  if (header.fields.get('Provides')?.value === '')
    complaints.push(`script ${name}: missing valid name for \`Provides:'`);
  for (const facility of script.facilities) {
    const other = providerOf(sysv, facility);
    if (other && other !== script && other.name !== name) {
      complaints.push(`script ${name}: service ${facility} already provided by ${other.name}`);
    }
  }
  return [...complaints, ...notEnabled(sysv, script)];
}

/** Required services without any link, for which insserv refuses to enable the script. */
function notEnabled(sysv: Sysv, script: Script): string[] {
  const needs = lsbFieldWords(script.header, 'Required-Start', true).filter((need) => !/^[$+]/.test(need));
  return needs
    .filter((need) => {
      const provider = providerOf(sysv, need);
      return (
        provider !== script &&
        !sysv.links.some((link) => link.script === provider?.name && link.leadsTo !== undefined)
      );
    })
    .map(
      (need) =>
        `FATAL: service ${need} has to be enabled to use service ${script.facilities[0] ?? script.name}`,
    );
}
