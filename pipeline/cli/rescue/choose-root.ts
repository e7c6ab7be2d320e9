import { UsageError } from '../../../images/base/errors.js';
import type { FoundRoot, PassedOver } from '../../../images/rescue/find-roots.js';
import { rootName } from '../../../images/rescue/rescue.js';
import { humanSize } from '../../../images/base/human-size.js';
import type { Terminal } from '../terminal.js';

/**
 * Which root is meant: the only one when it was named or with --yes; otherwise a person is shown what there is, and says.
 * @param named - whether the user has named the device
 * @throws {UsageError} code `undecided` when there is nobody to ask, or several with --yes
 */
export async function chooseRoot(
  roots: readonly FoundRoot[],
  passedOver: readonly PassedOver[],
  { named, yes, terminal }: { readonly named: boolean; readonly yes: boolean; readonly terminal: Terminal },
): Promise<FoundRoot | undefined> {
  const [only, second] = roots;
  if (only && !second && (named || yes)) return tell(only, terminal);
  if (yes || !terminal.interactive) {
    const names = roots.map((root) => `${rootName(root)} (${root.os})`).join(', ');
    throw new UsageError('undecided', `more than one root was found; which one do you mean? ${names}`, {
      hint: 'Name one: hallmark rescue DEVICE.',
    });
  }
  for (const { volume, why } of passedOver) terminal.say('note', `not ${volume.name}: ${why}`);
  roots.forEach((root, at) => {
    terminal.err(`  ${at + 1}  ${describe(root)}\n`);
  });
  const question = second ? `Which one do you want to rescue? [1-${roots.length}]` : 'Rescue this? [y/N]';
  const answer = ((await terminal.askLine(question)) ?? '').trim();
  const chosen = second ? roots[Number(answer) - 1] : /^y(es)?$/i.test(answer) ? only : undefined;
  return chosen && tell(chosen, terminal);
}

/** Says what will be worked on, and what becomes of its journal. */
function tell(root: FoundRoot, terminal: Terminal): FoundRoot {
  terminal.say('note', describe(root));
  if (root.dirty) {
    terminal.say(
      'note',
      `${root.volume.name} was not unmounted cleanly. What you see of it so far was read without its journal and may be out of date. Mounting replays the journal, which writes to the disk`,
    );
  }
  return root;
}

function describe(root: FoundRoot): string {
  const { content, size } = root.volume;
  const label = content.label === undefined ? '' : `, label ${content.label}`;
  return `${rootName(root)}: ${root.os}, ${humanSize(size)} ${content.type ?? ''}${label}`;
}
