import { type Example, exampleGuests } from '../../checks/lib/example.js';

/** A place in one state of an example: what it is, and, of a text, what it holds. */
export interface ExamplePlace {
  readonly title: string;
  readonly content?: string | undefined;
}

/** The guest that an example changes, and the options that it is judged with, in a sentence. */
export function exampleScene({ guest, agentFate, disks }: Example): string {
  const options = agentFate === undefined ? '' : `, with \`--agent ${agentFate}\``;
  const held = disks === undefined ? '' : `, rescued from disks that hold ${disks.join(' and ')} alone`;
  return `On ${exampleGuests[guest]}${options}${held}:`;
}

/** The places of one state, in the order in which the example has them. */
export function examplePlaces({ files = {}, metadata, running = {} }: Example['good']): ExamplePlace[] {
  const places: ExamplePlace[] = Object.entries(files).map(([path, file]) => {
    if (file === true) return { title: `${path}: as its package installs it` };
    if (file === false) return { title: `${path}: does not exist` };
    if (file === '') return { title: `${path}: empty` };
    return typeof file === 'string'
      ? { title: path, content: file }
      : { title: `${path}: a link to ${file.link}` };
  });
  if (metadata) places.push({ title: 'the image’s properties', content: jsonLines([metadata]) });
  for (const [fact, values] of Object.entries(running)) {
    const none = !Array.isArray(values) || values.length === 0;
    const title = `${factNames[fact] ?? fact} on the running server${none ? ': none' : ''}`;
    places.push({ title, content: none ? undefined : jsonLines(values) });
  }
  return places;
}

const factNames: Readonly<Record<string, string>> = {
  agentReplies: 'answers of nova-agent',
  processes: 'processes',
  tunnels: 'tunnels',
  xenstoreDoors: 'ways to XenStore',
};

/** A value a line. */
function jsonLines(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value, undefined, 1).replace(/\n\s*/g, ' ')).join('\n');
}
