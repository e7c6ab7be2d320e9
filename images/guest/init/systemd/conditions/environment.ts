import { parseUnitFile, settingsOf, wordsOf } from '../../../../formats/unit-file.js';
import type { GuestPath, Image } from '../../../../image/image.js';
import { textAt, textsIn } from '../../../texts.js';

/** systemd-system.conf(5); a later file's assignment of a variable wins. */
const configuration: GuestPath = '/etc/systemd/system.conf';
const dropIns: readonly GuestPath[] = ['/usr/lib/systemd/system.conf.d', '/etc/systemd/system.conf.d'];

export const environmentInputs = [configuration, ...dropIns.map((directory) => `${directory}/*.conf`)];

/**
 * The environment that the manager gives to units: nothing of its own (booted: not even HOME), but PATH, what
 * DefaultEnvironment= says, and `systemd.setenv=` on the kernel's command line (kernel-command-line(7)).
 */
export async function managerEnvironment(
  image: Image,
  words: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const files = await textAt(image, configuration);
  for (const directory of dropIns)
    files.push(...(await textsIn(image, directory, (name) => name.endsWith('.conf'))));
  const set = new Map([['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin']]);
  const assign = (word: string): void => {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(word) ?? [];
    if (name !== undefined && value !== undefined) set.set(name, value);
  };
  for (const { text } of files) {
    for (const { section, key, value } of settingsOf(parseUnitFile(text))) {
      if (section === 'Manager' && key === 'DefaultEnvironment')
        for (const word of wordsOf(value)) assign(word);
    }
  }
  for (const word of words)
    if (word.startsWith('systemd.setenv=')) assign(word.slice('systemd.setenv='.length));
  return set;
}
