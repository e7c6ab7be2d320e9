/** What the metadata of an installed Python distribution says of itself. */
export interface PythonMetadata {
  readonly name: string | undefined;
  readonly version: string | undefined;
  /** Line of the version, counted from 1. */
  readonly versionLine: number | undefined;
}

/**
 * The headers of a METADATA or PKG-INFO file (Core metadata specifications, the format of e-mail headers); the
 * description below them is not read. Never throws.
 */
export function parsePythonMetadata(text: string): PythonMetadata {
  let name: string | undefined;
  let version: string | undefined;
  let versionLine: number | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') break;
    const colon = line.indexOf(':');
    const key = line.slice(0, Math.max(0, colon)).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (key === 'name') name ??= value;
    if (key !== 'version' || version !== undefined) continue;
    version = value;
    versionLine = index + 1;
  }
  return { name, version, versionLine };
}
