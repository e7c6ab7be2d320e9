/** What a boot has shown. */
export interface Shown {
  readonly works: boolean;
  /** What did not work, or that all of it did. */
  readonly why: string;
  /** What a VPN made, or that its program ran. */
  readonly tunnels: readonly string[];
}

export const works = (tunnels: readonly string[] = []): Shown => ({
  works: true,
  why: 'first and second boot',
  tunnels,
});

export const broken = (why: string, tunnels: readonly string[] = []): Shown => ({
  works: false,
  why,
  tunnels,
});
