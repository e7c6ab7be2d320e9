import { servicesNamed } from '../../images/guest/agents/agent-services.js';
import type { Agent } from '../../images/guest/agents/agent.js';
import type { InstalledAgent } from '../../images/guest/agents/agent-services.js';
import type { XeTools } from '../../images/guest/agents/xe.js';
import { stageServices } from '../../images/guest/cloud-init/stages.js';
import type { Evidence } from '../../images/guest/evidence.js';
import type { FirstBoot, PresetService } from '../../images/guest/first-boot.js';
import type { Services } from '../../images/guest/init/service.js';
import type { Os } from '../../images/guest/os.js';
import { baseName } from '../../images/image/resolve.js';
import type { Severity, Target } from './check.js';
import { xeSeverity } from './xenstore.js';

/** Something that a first boot would change and must not. */
export interface PresetFault {
  /** What a preset file must say of which units for it to stay as it is. */
  readonly wanted: 'enable' | 'disable';
  readonly units: readonly string[];
  /** "tailscaled.service", "VPN openvpn client1". */
  readonly what: string;
  readonly severity: Severity;
  readonly evidence: Evidence;
  /** Why the first boot changes it, in words that end a sentence. */
  readonly because: string;
  /** Why that is not certain, as a whole sentence; undefined when it is. */
  readonly doubt: string | undefined;
}

interface Facts {
  readonly firstBoot: FirstBoot;
  readonly agents: readonly Agent[];
  readonly installedAgents: readonly InstalledAgent[];
  readonly os: Os;
  readonly services: Services;
  readonly xe: XeTools | undefined;
}

/** What configures a server's network, by the name of its service. */
const networks: readonly string[] = [
  'networking',
  'NetworkManager',
  'systemd-networkd',
  'network',
  'wicked',
  'connman',
  'dhcpcd',
];

/** Of these, what takes over every interface that it finds; the others do what they are configured to. */
const takesOver: ReadonlySet<string> = new Set(['NetworkManager', 'connman', 'dhcpcd']);

/** Everything that the first boot of a server would switch on although it is off, or off although it must be on. */
export function presetFaults(facts: Facts, target: Target): PresetFault[] {
  const { firstBoot, services, xe, installedAgents, agents, os } = facts;
  const ofAgent = new Set(installedAgents.flatMap((agent) => agent.services.map(({ id }) => id)));
  const ofXe = new Set(servicesNamed(xe?.serviceNames ?? [], services).map(({ id }) => id));
  const ofCloudInit = new Set(servicesNamed(stageServices.flat(), services).map(({ id }) => id));
  const ofNetwork = new Set(servicesNamed(networks, services).map(({ id }) => id));
  const mustStart = (id: string): Severity | undefined => {
    if (ofNetwork.has(id)) return 'error';
    if (target === 'cloud-init') return ofCloudInit.has(id) ? 'error' : undefined;
    if (ofAgent.has(id)) return 'error';
    return ofXe.has(id) ? xeSeverity(agents, os) : undefined;
  };
  const mustStay = (id: string): Severity | undefined => {
    if (target === 'cloud-init' && ofAgent.has(id)) return 'error';
    return takesOver.has(id.replace(/[.]service$/, '')) ? 'warning' : undefined;
  };
  const found = new Map<string, { fault: Omit<PresetFault, 'doubt'>; in: Likelihood[] }>();
  const note = (
    likelihood: Likelihood,
    fault: Omit<PresetFault, 'because' | 'doubt' | 'evidence'>,
    by: PresetService | undefined,
  ): void => {
    const known = found.get(fault.what);
    if (known) known.in.push(likelihood);
    else
      found.set(fault.what, { fault: { ...fault, ...whyOf(firstBoot, fault.wanted, by) }, in: [likelihood] });
  };
  for (const { likelihood, stopped, started, vpns } of firstBoot.outcomes) {
    for (const each of stopped) {
      const severity = mustStart(each.service.id);
      if (severity)
        note(likelihood, { wanted: 'enable', units: unitsOf(each), what: each.service.id, severity }, each);
    }
    for (const each of started) {
      const severity = mustStay(each.service.id);
      if (severity)
        note(likelihood, { wanted: 'disable', units: unitsOf(each), what: each.service.id, severity }, each);
    }
    for (const { product, name, evidence } of vpns) {
      const by = started.filter(({ service }) => startsVpn(service, product, name, evidence));
      const units = [...new Set(by.flatMap(unitsOf))];
      // What cloud-init configures survives a VPN; whoever switched it off still wants it off.
      const severity = target === 'cloud-init' ? 'warning' : 'error';
      note(likelihood, { wanted: 'disable', units, what: `the VPN ${product} ${name}`, severity }, by[0]);
    }
  }
  return [...found.values()].map(({ fault, in: outcomes }) => {
    const isUnusual = outcomes.every((each) => each === 'unusual');
    const isSure = outcomes.includes('usual') || outcomes.length === firstBoot.outcomes.length;
    const doubt = isUnusual ? otherBuild : (firstBoot.doubt ?? (isSure ? undefined : unknownBuild));
    return {
      ...fault,
      severity: isUnusual ? 'info' : doubt === undefined ? fault.severity : 'warning',
      doubt,
    };
  });
}

type Likelihood = FirstBoot['outcomes'][number]['likelihood'];

const unknownBuild =
  'Whether this systemd also removes links at a first boot was decided when it was built, and is not in the image.';
const otherBuild =
  'The systemd of this distribution only adds links at a first boot; one that was built otherwise, and `systemctl preset-all`, remove them as well.';

function whyOf(
  { because, evidence }: FirstBoot,
  wanted: PresetFault['wanted'],
  by: PresetService | undefined,
): Pick<PresetFault, 'because' | 'evidence'> {
  const rule = by?.rule;
  const isCause = rule !== undefined && (rule.action === 'enable') === (wanted === 'disable');
  const why = isCause
    ? `"${[rule.action, rule.pattern, ...rule.instances].join(' ')}" in ${rule.path} applies to ${by?.service.id ?? ''}`
    : `no preset file says otherwise`;
  return {
    because: `${because}, so systemd presets all units, and ${why}`,
    evidence: isCause ? { path: rule.path, line: rule.line } : evidence,
  };
}

/** The units that decide whether a service starts: its own, and what its link is called (a timer, say). */
function unitsOf({ service }: PresetService): readonly string[] {
  const linked = service.evidence
    .map(({ path }) => path)
    .filter((path) => /[.](?:wants|requires|upholds)\//.test(path))
    .map((path) => baseName(path));
  // Presets know templates and not their instances.
  return [...new Set([service.id, ...linked].map((unit) => unit.replace(/@[^@]*(?=[.]\w+$)/, '@')))];
}

function startsVpn(
  { id, name: own, evidence }: PresetService['service'],
  product: string,
  name: string,
  at: Evidence,
): boolean {
  if (own === name || id === baseName(at.path) || evidence.some(({ path }) => path === at.path)) return true;
  return own.startsWith(product);
}
