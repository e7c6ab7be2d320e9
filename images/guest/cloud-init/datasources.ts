import { nameIn } from '../../formats/cloud-config.js';
import { compareDottedVersions } from '../../formats/version.js';
import { splitLines } from '../../formats/lines.js';
import type { GuestPath, Image } from '../../image/image.js';
import type { Input } from '../../image/inputs.js';
import { join, parentOf } from '../../image/resolve.js';
import { isProgram } from '../agents/programs.js';
import { packageFolderGlobs } from '../agents/python.js';
import type { Evidence } from '../evidence.js';
import type { ConfigFile } from './config-files.js';
import { type DsIdentify, readDsIdentify } from './ds-identify.js';
import { runningGenerator } from './generator.js';
import { networkModules } from './renderers.js';
import type { CloudInit } from './state.js';

/** Where packages put ds-identify: Debian and SUSE, Red Hat. The generator knows one of them. */
const identifiers: readonly GuestPath[] = [
  '/usr/lib/cloud-init/ds-identify',
  '/usr/libexec/cloud-init/ds-identify',
  '/lib/cloud-init/ds-identify',
];

/** Since when ds-identify finds the key by grep, in quotes or with a space behind it as well (tools/ds-identify, check_config). */
const greps = '24.2';

/**
 * The datasource list that cloud-init really uses. Where its generator runs ds-identify, that script reads the list by
 * its own, simpler rules and writes what it finds to /run/cloud-init/cloud.cfg, which is stronger than every file below
 * /etc (cloudinit/stages.py, fetch_base_config). The order of the list and an entry `None` do not matter: the first
 * stage asks only datasources that need no network, and None is not one of them (cloudinit/sources/DataSourceNone.py).
 * @param files - the strongest first
 */
export async function datasourcesOf(
  image: Image,
  files: readonly ConfigFile[],
  version: string | undefined,
): Promise<CloudInit['datasources']> {
  const told = await readDsIdentify(image);
  const { datasource } = told;
  if (datasource)
    return inItsNames(image, { list: [datasource.value], evidence: datasource.evidence, probed: false });
  return inItsNames(image, (await identifies(image, told)) ? byIdentify(files, version) : byCloudInit(files));
}

/** Where a release says that it takes datasources whatever the case of their names is written in. */
export const datasourceInputs: readonly Input[] = packageFolderGlobs.map(
  (folder) => `${folder}/cloudinit/importer.py`,
);

const prefix = 'DataSource';

/**
 * The list with the names that cloud-init has for its datasources. It takes the name of the module for that of the
 * datasource (cloudinit/sources/__init__.py, list_sources), and since 23.2 a name in other letters
 * (cloudinit/importer.py, match_case_insensitive_module_name). ds-identify, where it looks for them, knows only the names
 * as they are: its functions are called so.
 */
async function inItsNames(image: Image, found: CloudInit['datasources']): Promise<CloudInit['datasources']> {
  if (!found || found.probed || found.malformed || found.list.includes('ConfigDrive')) return found;
  const bare = found.list.map((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : name));
  if (bare.includes('ConfigDrive') || !bare.some((name) => /^configdrive$/i.test(name)))
    return { ...found, list: bare };
  const modules = await networkModules(image);
  const source = modules && (await image.readText(join(parentOf(modules), 'importer.py')));
  if (!source?.includes('match_case_insensitive_module_name')) return found;
  return { ...found, list: bare.map((name) => (/^configdrive$/i.test(name) ? 'ConfigDrive' : name)) };
}

/** Whether a boot asks ds-identify. Without it the generator starts cloud-init all the same. */
async function identifies(image: Image, { policy }: DsIdentify): Promise<boolean> {
  if (policy && policy.value !== 'search') return false;
  if (!(await runningGenerator(image))) return false;
  for (const path of identifiers) if (await isProgram(image, path)) return true;
  return false;
}

/** As cloud-init itself reads it: `for name in datasource_list`, so a text is taken letter by letter. */
function byCloudInit(files: readonly ConfigFile[]): CloudInit['datasources'] {
  const file = files.find(({ config }) => 'datasource_list' in config.value);
  if (!file) return undefined;
  const value = file.config.value['datasource_list'];
  const evidence: Evidence = { path: file.path, line: file.config.lineOf('datasource_list') };
  if (!Array.isArray(value)) return { list: [], evidence, probed: false, malformed: true };
  const list = value.map((item) => (item === null ? 'None' : nameIn(item)));
  return { list, evidence, probed: false };
}

/**
 * As ds-identify reads it (tools/ds-identify: check_config, parse_yaml_array; compared with those of 22.4 and 25.1): the
 * last line with the key, in the order of the shell's globs, and of it only what stands on that line; when that is nothing,
 * its own default list, which has ConfigDrive. A list of one, or of one and `None`, is taken without looking for it.
 */
function byIdentify(files: readonly ConfigFile[], version: string | undefined): CloudInit['datasources'] {
  const grep = version !== undefined && compareDottedVersions(version.replace(/^\d+:/, ''), greps) >= 0;
  const pattern = grep ? /datasource_list["']*\s*:\s*(.*)$/ : /^\s*datasource_list:(?: (.*))?$/;
  // A shell glob does not match a hidden file.
  const inOrder = files.filter(({ path }) => !/\/\.[^/]*$/.test(path)).toReversed();
  let last: { value: string; evidence: Evidence } | undefined;
  for (const { path, text } of inOrder) {
    splitLines(text).forEach(({ text: raw }, at) => {
      const found = pattern.exec((raw.split('#', 1)[0] ?? '').trimEnd());
      if (found) last = { value: found[1] ?? '', evidence: { path, line: at + 1 } };
    });
  }
  if (!last) return undefined;
  const list = last.value
    .replace(/^\[/, '')
    .replace(/\]$/, '')
    .split(',')
    .flatMap((name) =>
      name
        .trim()
        .replace(/^(["'])(.*)\1$/, '$2')
        .split(/\s+/),
    )
    .filter(Boolean);
  if (list.length === 0) return undefined;
  const single = list.length === 1 || (list.length === 2 && list[1] === 'None');
  return { list, evidence: last.evidence, probed: !single };
}
