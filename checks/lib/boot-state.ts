import type { Service } from '../../images/guest/init/service.js';
import type { Finding } from './check.js';

/** Messages of a check that asks whether something starts at boot. */
export const bootStateMessages = {
  'no-service': 'nothing starts {{what}}: no unit or init script is called {{names}}',
  disabled: '{{service}} is installed but does not start at boot',
  masked: '{{service}} is masked, so nothing can start it',
  withheld: '{{service}} does not start at boot: {{because}}',
  static: '{{service}} cannot be enabled: it does not say when to start',
} as const;

/**
 * Why something does not start at boot: nothing when one of its services does, else the state of the likeliest.
 * @param names - under which a service was looked for
 */
export function* bootState(
  what: string,
  candidates: readonly Service[],
  names: readonly string[],
): Iterable<Finding> {
  if (candidates.some(({ state }) => state === 'enabled')) return;
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
  const evidence = service.evidence[0] ?? { path: service.path };
  yield { message: service.state, data: { service: service.id }, evidence };
}
