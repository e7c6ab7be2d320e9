import { presetFaults } from '../checks/lib/preset-faults.js';
import { installedAgents } from '../images/guest/agents/agent-services.js';
import { agents } from '../images/guest/agents/agents.js';
import { xe } from '../images/guest/agents/xe.js';
import { firstBoot } from '../images/guest/first-boot.js';
import { presetDirectory, readPresets } from '../images/guest/init/systemd/presets.js';
import { services } from '../images/guest/init/services.js';
import { os } from '../images/guest/os.js';
import { write } from '../images/image/change.js';
import type { GuestPath, Image } from '../images/image/image.js';
import { baseName, join } from '../images/image/resolve.js';
import { defineFixer } from './lib/fixer.js';

const heading = '# What a first boot leaves as it is in this image: see systemd.preset(5).\n';

/** Names of our file; the first that sorts before every other preset file is taken. */
const names = ['00-hallmark.preset', '0-hallmark.preset', '--hallmark.preset'] as const;

export const firstBootPresets = defineFixer({
  meta: {
    id: 'first-boot-presets',
    title: 'Make what starts outlive the first boot',
    risk: 'reviewed',
    phase: 'first-boot',
    docs: `Writes a preset file that comes before all others (${presetDirectory}/${names[0]}), with one line for each unit that the first boot would switch on or off: what is off in the image stays off, what is on stays on. A mask would do so too, but nobody could start the unit by hand any more. /etc/machine-id is left as it is.`,
  },
  needs: { agents, firstBoot, installedAgents, os, services, xe },
  async *plan({ image, target, facts: { firstBoot, ...facts } }) {
    if (!firstBoot) return;
    const faults = presetFaults({ ...facts, firstBoot }, target);
    const wanted = new Map(faults.flatMap(({ wanted: verb, units }) => units.map((unit) => [unit, verb])));
    if (wanted.size === 0) return;
    const path = await placeOf(image);
    const text = (await image.readText(path)) ?? heading;
    const kept = text.split('\n').filter((line) => !wanted.has(line.trim().split(/\s+/)[1] ?? ''));
    const added = [...wanted].map(([unit, verb]) => `${verb} ${unit}\n`).sort();
    yield* await write(image, path, kept.join('\n').replace(/\n*$/, '\n') + added.join(''));
  },
});

/** Our file if it is there, and comes first; else one that does. */
async function placeOf(image: Image): Promise<GuestPath> {
  const others = new Set((await readPresets(image)).map(({ path }) => baseName(path)));
  const first = names.find((name) => [...others].every((other) => other === name || name < other));
  return join(presetDirectory, first ?? names[0]);
}
