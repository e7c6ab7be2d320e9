import type { Severity, Target } from '../../checks/lib/check.js';
import type { SourceKind } from '../../images/sources/source.js';
import type { InstallOptions } from './install-request.js';
import type { Format } from '../report/index.js';

/** The formats, by hand: their registry need not be loaded to parse a command line. A test holds the two together. */
export const formatNames = ['text', 'json', 'html', 'junit', 'sarif', 'markdown', 'tap'] as const;

/** What the command line said, for the commands that judge an image. */
export interface RunOptions extends InstallOptions {
  readonly kind?: SourceKind;
  readonly target?: Target | 'auto';
  readonly failOn?: Severity;
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  readonly metadata?: string;
  readonly config?: string;
  readonly format: Format;
  readonly json?: true;
  readonly report?: string;
  readonly output?: string;
  readonly inPlace?: true;
  readonly yes?: true;
  /** Of `prepare`. */
  readonly rehearse?: true;
  readonly scenario?: string;
  readonly tunnel?: boolean;
  readonly patient?: true;
  readonly keep?: true;
  readonly timings?: true;
  readonly quiet?: true;
  readonly verbose?: true;
  readonly debug?: true;
}

/** Those that decide what is found, and what is repaired. The target is told by itself. */
const deciding = [
  ...['failOn', 'only', 'skip', 'metadata', 'config'],
  ...['agent', 'agentPackage', 'agentRepo', 'sha256', 'offlineInstall'],
  ...['cloudInitPackage', 'cloudInitRepo', 'cloudInitSha256', 'installXe', 'xeSha256'],
] as readonly (keyof RunOptions)[];

/** The words of a command line that say the same of them again. */
export function decidingOptions(options: RunOptions): string[] {
  return deciding.flatMap((name) => {
    const value = options[name];
    const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value === undefined) return [];
    if (value === true) return [option];
    return [option, Array.isArray(value) ? value.join(',') : String(value)];
  });
}
