import type { Service, Services } from '../../images/guest/init/service.js';
import type { Finding } from './check.js';
import { notStarted, startMessages } from './obstacles.js';

/** Messages of a check that asks whether something starts at boot. */
export const bootStateMessages = {
  'no-service': 'nothing starts {{what}}: no unit or init script is called {{names}}',
  disabled: '{{service}} is installed but does not start at boot',
  masked: '{{service}} is masked, so nothing can start it',
  withheld: '{{service}} does not start at boot: {{because}}',
  static: '{{service}} cannot be enabled: it does not say when to start',
  'enabled-in-vain': '{{service}} is enabled in vain: {{because}}',
  ...startMessages,
} as const;

/**
 * Why something does not start at boot: nothing when one of its services surely does, else what keeps the likeliest from
 * it.
 * @param names - under which a service was looked for
 */
export async function* bootState(
  what: string,
  candidates: readonly Service[],
  names: readonly string[],
  services: Services,
): AsyncIterable<Finding> {
  const enabled = candidates.filter(({ state }) => state === 'enabled');
  if (enabled.length > 0) {
    yield* keptFromStarting(enabled, services);
    return;
  }
  const service = candidates[0];
  if (!service) {
    yield { message: 'no-service', data: { what, names: names.join(', ') } };
    return;
  }
  if (service.withheldBy) {
    const { because, evidence } = service.withheldBy;
    yield { message: 'withheld', data: { service: service.id, because }, evidence };
    return;
  }
  const [vain] = service.state === 'masked' ? [] : await services.enabledInVain(service);
  if (vain) {
    const { because, evidence } = vain;
    yield { message: 'enabled-in-vain', data: { service: service.id, because }, evidence };
    return;
  }
  const evidence = service.evidence[0] ?? { path: service.path };
  yield { message: service.state, data: { service: service.id }, evidence };
}

/** What keeps every one of some enabled services from being started; nothing when one of them is. */
async function* keptFromStarting(enabled: readonly Service[], services: Services): AsyncIterable<Finding> {
  const kept: Finding[] = [];
  for (const service of enabled) {
    const findings = [...notStarted(service.id, await services.obstacles(service))];
    if (findings.length === 0) return;
    kept.push(...findings);
  }
  yield* kept;
}
