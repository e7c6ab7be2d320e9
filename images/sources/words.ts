import type { ImageKind } from '../image/image.js';

/** Words of a command line that depend on the kind of an image, for advice that is given of its kind and name alone. */
export interface KindWords {
  /** Where `prepare` is to write a repaired image. */
  readonly output: (name: string) => readonly string[];
  /** Which server `snapshot` is for. */
  readonly server: (name: string) => readonly string[];
}

const inPlace: KindWords = { output: () => [], server: (name) => ['--root', name] };

export const kindWords: Readonly<Record<ImageKind, KindWords>> = {
  directory: inPlace,
  host: { ...inPlace, server: () => [] },
  tarball: { ...inPlace, output: (name) => ['-o', `golden${/\.tar(\.\w+)?$/.exec(name)?.[0] ?? '.tar'}`] },
  memory: inPlace,
};
