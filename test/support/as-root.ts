/** A test of what root alone may do; somebody else skips it, and its name says why. */
export function itAsRoot(name: string, test: Mocha.AsyncFunc | Mocha.Func): void {
  if (process.geteuid?.() === 0) it(name, test);
  else it.skip(`${name} (only root may)`);
}
