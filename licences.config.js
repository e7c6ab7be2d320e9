import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The licences of what is bundled have to go wherever the bundle goes: beside the command in the npm package, and
 * beside the executable.
 */

/**
 * The folders of the packages that went into a bundle, sorted; "." is this package.
 * @param {readonly string[]} inputs - the files that the bundler's metafile names
 */
export function packageFolders(inputs) {
  const folders = inputs.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? '.');
  return [...new Set(folders)].sort();
}

/**
 * A section for each package: its name, its version, the name of its licence, and the text.
 * @param {readonly string[]} folders - of packages, as {@link packageFolders} gives them
 */
export function licencesOfPackages(folders) {
  return folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return section(`${name} ${version} (${license})`, licenceIn(folder));
  });
}

/**
 * One section of a file of licences.
 * @param {string} heading - whose licence it is
 * @param {string | undefined} text - the text; without one, what is bundled must not be given away
 */
export function section(heading, text) {
  if (text === undefined) throw new Error(`${heading} comes without the text of its licence`);
  return `${heading}\n${'='.repeat(heading.length)}\n\n${text.trim()}\n`;
}

/** The text of the licence in a folder; undefined when there is none. */
export function licenceIn(folder) {
  if (!existsSync(folder)) return undefined;
  const name = readdirSync(folder).find((each) => /^licen[cs]e(?:\.|$)/i.test(each));
  return name === undefined ? undefined : readFileSync(join(folder, name), 'utf8');
}
