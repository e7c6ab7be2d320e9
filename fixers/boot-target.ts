import { dropBootWords } from '../images/guest/boot/changes.js';
import { isForRepairWord } from '../images/guest/boot/entry.js';
import { factsOf } from '../images/guest/fact.js';
import { bootGoal } from '../images/guest/init/goal.js';
import { services } from '../images/guest/init/services.js';
import type { Change, Image } from '../images/image/image.js';
import { overlay } from '../images/image/overlay.js';
import { defineFixer } from './lib/fixer.js';

/** Words that are in force one after the other, once the last one is gone. */
const mostRounds = 16;

export const bootTarget = defineFixer({
  meta: {
    id: 'boot-target',
    title: 'Boot into a working server',
    risk: 'reviewed',
    phase: 'boot',
    docs: 'Drops the words that lead the boot elsewhere from every boot entry that has them, from the variables that such entries name (kernelopts in grubenv), and from what entries are made from (/etc/default/grub, /etc/kernel/cmdline), so that they do not come back. Entries for recovery keep theirs. Where default.target is the cause, links it to multi-user.target as `systemctl set-default` does; under SysV, changes the initdefault line of /etc/inittab.',
  },
  needs: {},
  async *plan({ image, findings }) {
    const unwanted = new Set<string>();
    for (const { messageId, data } of findings) {
      if (messageId === 'withheld' && typeof data['word'] === 'string') unwanted.add(data['word']);
    }
    const isLater = findings.some(({ messageId }) => messageId === 'later');
    const changes: Change[] = [];
    let view = image;
    const apply = async (more: readonly Change[]): Promise<boolean> => {
      changes.push(...more);
      view = await overlay(image, changes);
      return more.length > 0;
    };
    await apply(
      await dropBootWords(view, (word) => unwanted.has(word) || (isLater && isForRepairWord(word))),
    );
    if (findings.some(({ messageId }) => messageId === 'elsewhere'))
      for (let round = 0; round < mostRounds && (await apply(await nextStep(view))); round++);
    yield* changes;
  },
});

/** What takes away the first cause that is left; nothing when none is. */
async function nextStep(image: Image): Promise<Change[]> {
  const get = factsOf(image);
  const { obstacles } = await get(bootGoal);
  const [cause] = obstacles.filter(({ certain, word }) => certain || word === undefined);
  if (!cause) return [];
  const { word } = cause;
  if (word !== undefined) return dropBootWords(image, (text) => text === word);
  return (await get(services)).setDefaultGoal();
}
