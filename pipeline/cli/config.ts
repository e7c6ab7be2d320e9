import { lstatSync } from 'node:fs';
import { checks } from '../../checks/index.js';
import type { Severity, Target } from '../../checks/lib/check.js';
import { UsageError, systemCode } from '../../images/base/errors.js';
import type { Waiver } from '../judge.js';
import { type DocumentPath, checkedYaml } from '../../images/base/checked-yaml.js';
import { UnreadableText, readHostText } from '../../images/base/host-text.js';

/** What `hallmark.yaml` can say. The command line wins over it. */
export interface Config {
  readonly target?: Target | 'auto';
  readonly failOn?: Severity;
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  /** Path of the image's properties, relative to the working directory. */
  readonly metadata?: string;
  readonly waivers?: readonly Waiver[];
}

/** JSON Schema of `hallmark.yaml`. Unknown keys are errors: a misspelt one must not go unnoticed. */
const schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    target: { enum: ['auto', 'nova-agent', 'cloud-init'] },
    failOn: { enum: ['error', 'warning', 'info'] },
    only: { type: 'array', items: { type: 'string' } },
    skip: { type: 'array', items: { type: 'string' } },
    metadata: { type: 'string' },
    waivers: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['check', 'reason', 'expires'],
        properties: {
          check: { type: 'string' },
          reason: { type: 'string', minLength: 1 },
          expires: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' },
          fingerprint: { type: 'string', pattern: '^[0-9a-f]{16}$' },
        },
      },
    },
  },
} as const;

const defaultPath = 'hallmark.yaml';

/**
 * Reads the configuration.
 * @param path - given by the user, so it must exist; otherwise `hallmark.yaml`, if there is one
 * @throws {UsageError} when it cannot be read, is no YAML or does not fit the schema; the line is named
 */
export async function readConfig(path: string | undefined): Promise<Config> {
  const text = await textOf(path ?? defaultPath, path === undefined);
  if (text === undefined) return {};
  return parseConfig(text, path ?? defaultPath);
}

/**
 * As {@link readConfig}. One configuration serves every command: it may name any check, whichever of them asks it.
 * @throws {UsageError} when the text is no YAML, does not fit the schema, or names a check that there is not
 */
export async function parseConfig(text: string, path: string): Promise<Config> {
  const { value, bad } = await checkedYaml<Config>(text, path, schema, {
    code: 'bad-config',
    hint: `It may have these keys: ${Object.keys(schema.properties).join(', ')}.`,
  });
  const at = value.waivers?.findIndex(({ expires }) => !isDay(expires)) ?? -1;
  if (at >= 0) throw bad(['waivers', at, 'expires'], 'is not a calendar day');
  for (const [place, id] of namedChecks(value)) {
    if (checks.some(({ meta }) => meta.id === id)) continue;
    // Few configurations name one of those, or a wrong one.
    const { snapshotChecks } = await import('../../checks/snapshot.js');
    const known = [...checks, ...snapshotChecks];
    if (known.some(({ meta }) => meta.id === id)) continue;
    const { unknownCheck } = await import('../report/explain.js');
    const { message, hint } = unknownCheck(
      id,
      known.map(({ meta }) => meta),
    );
    throw bad(place, `is not a check: ${message}`, hint);
  }
  return value;
}

/** Every check that a configuration names, with where. */
function namedChecks({ only = [], skip = [], waivers = [] }: Config): (readonly [DocumentPath, string])[] {
  return [
    ...only.map((id, at) => [['only', at], id] as const),
    ...skip.map((id, at) => [['skip', at], id] as const),
    ...waivers.map(({ check }, at) => [['waivers', at, 'check'], check] as const),
  ];
}

async function textOf(path: string, optional: boolean): Promise<string | undefined> {
  // The usual case, told without loading what reads files.
  if (optional && lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  try {
    return await readHostText(path);
  } catch (error) {
    if (!(error instanceof UnreadableText)) throw error;
    if (optional && systemCode(error.cause) === 'ENOENT') return undefined;
    throw new UsageError('bad-config', error.message, { cause: error });
  }
}

/** Whether there is such a day: the pattern alone lets the 31st of February pass, which would never expire rightly. */
function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
