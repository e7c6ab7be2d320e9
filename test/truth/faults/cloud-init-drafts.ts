import type { Root } from '../root.js';
import type { Draft } from '../row.js';

export const all = ['debian11-ci', 'debian12-ci', 'debian13-ci'] as const;

/** A file of the administrator's. */
export const configuration = (text: string | Buffer) => (root: Root) =>
  root.put('/etc/cloud/cloud.cfg.d/99-local.cfg', text);

/** A guest whose cloud-init does not do what the cloud asks. */
export const broken = (
  id: string,
  on: Draft['on'],
  what: string,
  put: (root: Root) => unknown,
  speaks: Draft['speaks'] & {},
  says?: RegExp,
): Draft => ({
  id,
  on,
  what,
  put: (root) => {
    put(root);
  },
  is: 'broken',
  speaks,
  ...(says ? { says } : {}),
});

/** A guest whose cloud-init does, though it looks otherwise. */
export const works = (
  id: string,
  on: Draft['on'],
  what: string,
  put: (root: Root) => unknown,
  guards: Draft['guards'] & {},
  may?: Draft['may'] & {},
): Draft => ({
  id,
  on,
  what,
  put: (root) => {
    put(root);
  },
  is: 'works',
  guards,
  ...(may === undefined ? {} : { may }),
});
