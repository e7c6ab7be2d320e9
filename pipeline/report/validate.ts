import { packageText } from '../../images/base/package-file.js';
import type { Report } from './report.js';

/** The published schema. */
const schemaFile = 'pipeline/report/report.schema.json';

/**
 * Holds a report against the published JSON Schema.
 * @returns what does not fit, each with the place in the report; empty when all is well
 */
export async function validateReport(report: Report): Promise<string[]> {
  const { Ajv2020 } = await import('ajv/dist/2020.js');
  const schema = JSON.parse(packageText(schemaFile)) as object;
  const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema);
  // What is validated is what is printed: undefined members and the like do not survive.
  if (validate(JSON.parse(JSON.stringify(report)))) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    const detail = 'additionalProperty' in params ? ` (${String(params['additionalProperty'])})` : '';
    return `${instancePath === '' ? '/' : instancePath} ${message ?? 'does not fit'}${detail}`;
  });
}
