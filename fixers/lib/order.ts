/**
 * The order of repairs, as data: a fixer names its phase, and, where two of one phase depend on each other, which one
 * it comes after. What is left equal goes by id. The generated index has the fixers in this order.
 */
const phases = {
  boot: 'Nothing starts where the boot leads elsewhere, so what it leads to comes first of all.',
  install: 'What is missing comes first: everything else works on what is there.',
  register: 'A service that its init system does not see can be neither enabled nor ordered.',
  enable: 'Services are enabled before they are ordered: order holds only among what starts.',
  order: 'The order is made, then cycles are judged, over everything that starts by now.',
  disable: 'What must not start at boot is disabled once what must start does.',
  'cloud-init': 'cloud-init is made able to do its work before anything else is taken away.',
  'network-owner':
    'An agent goes only once cloud-init can take its place, and what it wrote only once it is gone.',
  'first-boot': 'What was switched on or off has to last, so this looks at what all others leave.',
  properties: 'The image’s properties follow from what is in the image, so they come last.',
} as const;

type Phase = keyof typeof phases;

/** Where a fixer stands in the order. */
export interface RepairOrder {
  readonly phase: Phase;
  /** Ids of fixers that come first, of the same phase or an earlier one. */
  readonly after?: readonly string[] | undefined;
}

interface Placed {
  readonly meta: RepairOrder & { readonly id: string };
}

/**
 * Sorts fixers by phase, then by what they come after, then by id.
 * @throws {Error} when one comes after an unknown fixer or a fixer of a later phase, or when some wait for each other
 */
export function inOrder<F extends Placed>(fixers: readonly F[]): F[] {
  const phaseNames = Object.keys(phases);
  const placeOf = ({ meta }: F): number => phaseNames.indexOf(meta.phase);
  const left = [...fixers].sort((a, b) => placeOf(a) - placeOf(b) || (a.meta.id < b.meta.id ? -1 : 1));
  const sorted: F[] = [];
  while (left.length > 0) {
    const [first] = left;
    const ready = left.findIndex(
      (fixer) =>
        fixer.meta.phase === first?.meta.phase &&
        (fixer.meta.after ?? []).every((id) => sorted.some(({ meta }) => meta.id === id)),
    );
    const [next] = ready < 0 ? [] : left.splice(ready, 1);
    if (!next) {
      const stuck = left.filter(({ meta }) => meta.phase === first?.meta.phase);
      throw new Error(
        `no order for ${stuck.map(({ meta }) => `${meta.id} after ${(meta.after ?? []).join(', ')}`).join('; ')}: name fixers of the same phase or an earlier one, without a cycle`,
      );
    }
    sorted.push(next);
  }
  return sorted;
}
