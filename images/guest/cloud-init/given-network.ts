import { gunzipSync } from 'node:zlib';
import { isMapping, parseCloudConfig } from '../../formats/cloud-config.js';
import type { Image } from '../../image/image.js';
import { bootLines, readBootEntries } from '../boot/entries.js';
import type { Evidence } from '../evidence.js';
import { type ConfigFile, type Said, childrenOf, merged, place } from './config-files.js';

/** `network-config=disabled`, or a whole configuration in base64. */
export const networkWord = 'network-config=';

/**
 * What cloud-init makes of a configuration of the network: it is told to leave the network alone, it takes this instead
 * of what the config drive says, or it goes on to the next place. Empty values alone are passed over: `version: 2`
 * without a card is taken, and the server then has no network (cloudinit/stages.py, _find_networking_config).
 */
export type NetworkSaid = 'disabled' | 'taken' | 'nothing';

/** What a value says, once a `network:` around it is taken off (cloudinit/stages.py, _remove_top_level_network_key). */
function saidBy(value: unknown): NetworkSaid {
  const inner = isMapping(value) && 'network' in value ? value['network'] : value;
  if (isMapping(inner) && inner['config'] === 'disabled') return 'disabled';
  return isEmpty(inner) ? 'nothing' : 'taken';
}

/** What Python takes for false. */
function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return isMapping(value) ? Object.keys(value).length === 0 : !value;
}

/** More than a kernel command line could hold in earnest. */
const maxConfigLength = 1 << 20;

/** What a word of the kernel command line says of the network; undefined when it is another word (cloudinit/net/cmdline.py). */
async function networkSaidBy(word: string): Promise<NetworkSaid | undefined> {
  if (!word.startsWith(networkWord)) return undefined;
  const data = word.slice(networkWord.length);
  if (data === 'disabled') return 'disabled';
  const text = decoded(data);
  return text === undefined ? 'taken' : saidBy((await parseCloudConfig(text)).value);
}

/**
 * base64, and gzip inside it where it is that; nothing where Python finds the padding wrong. Undefined for what is not
 * UTF-8: the stage that would configure the network ends at it with a UnicodeDecodeError.
 */
function decoded(data: string): string | undefined {
  const [, body = '', padding = ''] = /^([^=]*)(=*)/.exec(data.replace(/[^A-Za-z0-9+/=]/g, '')) ?? [];
  const lacking = (4 - (body.length % 4)) % 4;
  if (lacking === 3 || padding.length < lacking) return '';
  const blob = Buffer.from(body, 'base64');
  try {
    const isZipped = blob[0] === 0x1f && blob[1] === 0x8b;
    const plain = isZipped ? gunzipSync(blob, { maxOutputLength: maxConfigLength }) : blob;
    return new TextDecoder('utf-8', { fatal: true }).decode(plain);
  } catch {
    return undefined;
  }
}

/** The command lines that the next boot may have and that say something of the network; of one the last word counts. */
export async function networkLines(
  image: Image,
): Promise<(Evidence & { readonly line: number; readonly said: NetworkSaid })[]> {
  const found: (Evidence & { line: number; said: NetworkSaid })[] = [];
  for (const { path, line, words } of await bootLines(image)) {
    const word = words.findLast((candidate) => candidate.startsWith(networkWord));
    const said = word === undefined ? undefined : await networkSaidBy(word);
    if (said !== undefined && said !== 'nothing') found.push({ path, line, said });
  }
  return found;
}

/** All words of boot entries, and of what they are made from, that say this of the network. */
export async function networkWords(image: Image, wanted: NetworkSaid): Promise<ReadonlySet<string>> {
  const { menus, pending } = await readBootEntries(image);
  const entries = menus.flatMap((menu) => [...menu.entries, ...(menu.chosen ? [menu.chosen] : [])]);
  const words = new Set([...entries.flatMap((entry) => entry.words), ...pending].map(({ text }) => text));
  const found = new Set<string>();
  for (const word of words) if ((await networkSaidBy(word)) === wanted) found.add(word);
  return found;
}

/** Where the configuration files give a `network:` that cloud-init takes instead of what the config drive says. */
export function takenNetwork(files: readonly ConfigFile[]): Evidence[] {
  const top = merged(
    childrenOf(
      files.map((file) => ({ file, value: file.config.value })),
      'network',
    ),
  );
  const inner = childrenOf(top, 'network');
  const inForce = inner.length > 0 ? merged(inner) : top;
  const config = merged(childrenOf(inForce, 'config'))[0];
  if (config?.value === 'disabled') return [];
  return inForce.filter(({ value }) => !isEmpty(value)).map(({ file }: Said) => place(file, ['network']));
}
