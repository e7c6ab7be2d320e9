import type { GuestPath, Image } from '../../image/image.js';
import type { Input } from '../../image/inputs.js';
import { baseName, join } from '../../image/resolve.js';
import { isExecutable, isProgram, searchPath } from '../agents/programs.js';
import {
  type Interpreter,
  findModule,
  findPackageFolders,
  foldersOf,
  interpreterOf,
  packageFolderGlobs,
  pythonInputs,
} from '../agents/python.js';
import type { Obstacle } from '../init/obstacle.js';

/** Where packages and pip put the program. */
export const programs: readonly GuestPath[] = ['/usr/bin/cloud-init', '/usr/local/bin/cloud-init'];

/** The modules of cloud-init that every stage imports before it does anything, with what others they import. */
const entered: readonly string[] = [
  'cmd/main.py',
  'safeyaml.py',
  'util.py',
  'url_helper.py',
  'templater.py',
  'netinfo.py',
  'handlers/cloud_config.py',
  'distros/parsers/networkmanager_conf.py',
  'distros/parsers/sys_conf.py',
];

/** What they need of others. Found by trying cloud-init 22.4 and 25.1 without each; which of them a release imports, its source says. */
const foreign = /^(?:import|from)\s+(yaml|requests|jinja2|jsonpatch|configobj|six|oauthlib|prettytable)\b/gm;

const sourceLimit = 512 * 1024;

export const programInputs: readonly Input[] = [
  ...programs,
  ...pythonInputs,
  '/opt/*/bin/cloud-init',
  ...packageFolderGlobs.flatMap((folder) =>
    entered.map((file) => ({ glob: `${folder}/cloudinit/${file}`, limit: sourceLimit })),
  ),
];

/** What keeps cloud-init's program, as a service names it, from doing anything. */
export async function programObstacles(
  image: Image,
  named: string,
  evidence: Obstacle['evidence'],
): Promise<Obstacle[]> {
  const sure = (because: string): Obstacle[] => [{ certain: true, evidence, because }];
  // A path that is only known at run time (a specifier or variable) is the unit's business.
  if (/[%$]/.test(named)) return [];
  const path = await located(image, named);
  const entry = path && (await image.stat(path));
  if (!path || !entry) {
    const other = await elsewhere(image);
    return sure(
      other
        ? `its services start ${named}, which is not in the image; the program is ${other}`
        : `its services start ${named}, which is not in the image`,
    );
  }
  if (!isExecutable(entry)) {
    const fault =
      entry.type !== 'file' ? 'a file' : entry.size === 0 ? 'a program: it is empty' : 'executable';
    return sure(`${path} is not ${fault}`);
  }
  const first = await firstLine(image, path);
  if (first === undefined) return [];
  const broken = await brokenInterpreter(image, first);
  if (broken !== undefined)
    return sure(`the first line of ${path} names ${visible(broken)}, which is not in the image`);
  const interpreter = await interpreterOf(image, first);
  return interpreter ? moduleObstacles(image, path, interpreter) : [];
}

/** The Python that cloud-init runs with, as far as the first line of its program tells: "3.11". */
export async function pythonOf(image: Image): Promise<string | undefined> {
  for (const path of programs) {
    if (!(await isProgram(image, path))) continue;
    const first = await firstLine(image, path);
    return first === undefined ? undefined : (await interpreterOf(image, first))?.version;
  }
  return undefined;
}

async function located(image: Image, named: string): Promise<GuestPath | undefined> {
  if (named.startsWith('/')) return named as GuestPath;
  for (const folder of searchPath)
    if (await isProgram(image, join(folder, named))) return join(folder, named);
  return undefined;
}

async function elsewhere(image: Image): Promise<GuestPath | undefined> {
  for (const path of programs) if (await isProgram(image, path)) return path;
  return undefined;
}

/** The first line of a script; undefined for what is none, and for a place that is not read. */
async function firstLine(image: Image, path: GuestPath): Promise<string | undefined> {
  if (!programs.includes(path) && !/^\/opt\/[^/]+\/bin\/cloud-init$/.test(path)) return undefined;
  const [line = ''] = ((await image.readText(path)) ?? '').split('\n', 1);
  return line.startsWith('#!') ? line : undefined;
}

/** The interpreter of a first line, when it cannot be started: to the kernel a carriage return is part of its name. */
async function brokenInterpreter(image: Image, first: string): Promise<string | undefined> {
  const [name = '', ...words] = first
    .slice(2)
    .trimStart()
    .split(/[ \t]+/);
  if (!name.startsWith('/') || !(await isProgram(image, name as GuestPath))) return name;
  if (baseName(name as GuestPath) !== 'env') return undefined;
  const wanted = words.find((word) => !word.startsWith('-') && !word.includes('='));
  if (wanted === undefined) return undefined;
  return (await located(image, wanted)) === undefined ? wanted : undefined;
}

function visible(name: string): string {
  return name.endsWith('\r') ? `"${name.slice(0, -1)}" with a carriage return` : name;
}

async function moduleObstacles(image: Image, path: GuestPath, interpreter: Interpreter): Promise<Obstacle[]> {
  const folders = await findPackageFolders(image);
  const visibleFolders = await foldersOf(image, folders, interpreter);
  const python = interpreter.version === undefined ? 'Python' : `Python ${interpreter.version}`;
  const own = await findModule(image, visibleFolders, 'cloudinit');
  if (!own) {
    const other = await findModule(image, folders, 'cloudinit');
    const where = other ? `; it is in ${other}` : '';
    const because = `${path} runs with ${python}, which has no module cloudinit${where}`;
    return [{ certain: true, evidence: { path, line: 1 }, because }];
  }
  const found: Obstacle[] = [];
  for (const [module, by] of await required(image, own)) {
    if (await findModule(image, visibleFolders, module)) continue;
    const because = `cloud-init imports the module ${module}, which ${python} does not have`;
    found.push({ certain: true, evidence: { path: by }, because });
  }
  return found;
}

/** The modules that cloud-init's own sources import, each with the file that does, and what those need in turn. */
async function required(image: Image, own: GuestPath): Promise<ReadonlyMap<string, GuestPath>> {
  const wanted = new Map<string, GuestPath>();
  for (const file of entered) {
    const path = join(own, file);
    if (!isDeclared(own) || (await image.stat(path))?.type !== 'file') continue;
    const text = (await image.readText(path, sourceLimit)) ?? '';
    for (const [, module = ''] of text.matchAll(foreign)) if (!wanted.has(module)) wanted.set(module, path);
  }
  const patch = wanted.get('jsonpatch');
  if (patch) wanted.set('jsonpointer', patch);
  const templates = wanted.get('jinja2');
  if (templates) wanted.set('markupsafe', templates);
  return wanted;
}

/** Whether the folder of the modules is one of those whose contents a tarball keeps. */
function isDeclared(own: GuestPath): boolean {
  return /^\/usr\/(?:local\/)?lib(?:64)?\/(?:pymodules\/)?python[^/]*\/(?:dist-packages\/|site-packages\/)?cloudinit$/.test(
    own,
  );
}
