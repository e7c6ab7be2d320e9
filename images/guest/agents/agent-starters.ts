import { write } from '../../image/change.js';
import { commentOut, splitLines } from '../../formats/lines.js';
import type { Change, GuestPath, Image } from '../../image/image.js';
import type { Evidence } from '../evidence.js';
import { type Fact, factsOf } from '../fact.js';
import { textAt } from '../texts.js';

/** Run at the end of the boot when they are executable. The installer of 1.x writes its last resort there. */
const scripts: readonly GuestPath[] = ['/etc/rc.local', '/etc/rc.d/rc.local'];

/** A command that runs the agent, or its init script. What follows a `#` is no command. */
const startsAgent =
  /^[^#]*(?:\/s?bin\/nova-agent\b|\/init\.d\/nova-agent +(?:re)?start|\bservice +nova-agent +(?:re)?start)/;

/** Lines outside every service that start a nova-agent at boot: no init system orders it, or starts it again. */
export const agentStarters: Fact<readonly Evidence[]> = {
  name: 'agent-starters',
  inputs: scripts,
  async gather(image) {
    const found = new Map<string, Evidence>();
    for (const path of scripts) {
      const entry = await image.stat(path);
      if (entry?.type !== 'file' || (entry.mode & 0o111) === 0) continue;
      for (const { text } of await textAt(image, path)) {
        const line = splitLines(text).findIndex((one) => startsAgent.test(one.text)) + 1;
        const real = (await image.realPath(path)) ?? path;
        if (line > 0 && !found.has(real)) found.set(real, { path, line });
      }
    }
    return [...found.values()];
  },
};

/** Changes that turn every such line into a comment. */
export async function withoutStarters(image: Image): Promise<Change[]> {
  const changes: Change[] = [];
  for (const { path } of await factsOf(image)(agentStarters)) {
    const text = (await image.readText(path)) ?? '';
    const lines = splitLines(text).flatMap((one, at) => (startsAgent.test(one.text) ? [at + 1] : []));
    changes.push(...(await write(image, (await image.realPath(path)) ?? path, commentOut(text, lines))));
  }
  return changes;
}
