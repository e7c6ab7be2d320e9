/** The number of a release of systemd: 252 of "252.39-1~deb12u2", 219 of "219-19.el7"; undefined where it is not known. */
export function majorRelease(version: string | undefined): number | undefined {
  const major = /^(?:\d+:)?(\d+)/.exec(version ?? '')?.[1];
  return major === undefined ? undefined : Number(major);
}

/**
 * Whether systemd drops the job of a unit that requires one which cannot be loaded: masked, refused, or not there.
 * transaction_add_job_and_dependencies() does so from 254 on (systemd pull request 27852; booted with 257). Before, it
 * leaves the job where something else only wanted the unit (booted with 247 and 252).
 * @param version - as the package database has it
 * @returns undefined where only that systemd knows: Red Hat keeps 239 and 252, and takes later changes back into them
 */
export function dropsWhatRequiresTheUnloadable(version: string | undefined): boolean | undefined {
  const major = majorRelease(version);
  if (major === undefined) return undefined;
  if (major >= 254) return true;
  return major >= 239 && /\.(?:el|amzn|al|an|oe|uel)\d/.test(version ?? '') ? undefined : false;
}
