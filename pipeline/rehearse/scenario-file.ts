import { UsageError } from '../../images/base/errors.js';
import { checkedYaml } from '../../images/base/checked-yaml.js';
import { UnreadableText, readHostText } from '../../images/base/host-text.js';
import { packageText } from '../../images/base/package-file.js';
import { faultsOf } from './scenario-faults.js';
import type { Limits, Scenario } from './scenario.js';

/**
 * Reads a scenario.
 * @param path - the user's own; otherwise the one that comes with Hallmark
 * @throws {UsageError} code `bad-scenario` when it cannot be read or cannot be played; the line is named
 */
export async function readScenario(path?: string): Promise<Scenario> {
  if (path === undefined)
    return parseScenario(packageText('pipeline/rehearse/scenario.yaml'), 'scenario.yaml');
  try {
    return await parseScenario(await readHostText(path), path);
  } catch (error) {
    if (!(error instanceof UnreadableText)) throw error;
    throw new UsageError('bad-scenario', error.message, { cause: error });
  }
}

/** The defaults of nova's options of these names. */
const novaLimits: Limits = { version: 300, call: 30, resetnetwork: 60, total: 600 };

/** @throws {UsageError} code `bad-scenario` when the text is not YAML, does not fit the schema or contradicts itself */
export async function parseScenario(text: string, path: string): Promise<Scenario> {
  const schema = JSON.parse(packageText('pipeline/rehearse/scenario.schema.json')) as object;
  type Written = Omit<Scenario, 'limits'> & { readonly limits?: Partial<Limits> };
  const { value, bad } = await checkedYaml<Written>(text, path, schema, {
    code: 'bad-scenario',
    hint: 'A scenario holds name, hostName, interfaces and rounds; provider, userMetadata, autoDiskConfig and limits are optional.',
  });
  const scenario = { ...value, limits: { ...novaLimits, ...value.limits } };
  for (const { at, what } of faultsOf(scenario)) throw bad(at, what);
  return scenario;
}
