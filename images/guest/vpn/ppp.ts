import { write } from '../../image/change.js';
import type { GuestPath } from '../../image/image.js';
import type { Mechanism } from './mechanism.js';

const onBoot: GuestPath = '/etc/ppp/ppp_on_boot';

/** The script that Debian's old ppp package ran at boot, when it was there and executable. */
export const pppOnBoot: Mechanism = {
  inputs: [onBoot],
  async find({ image }) {
    const entry = await image.stat(onBoot);
    if (entry?.type !== 'file' || (entry.mode & 0o111) === 0) return [];
    return [
      {
        product: 'ppp',
        name: 'ppp_on_boot',
        evidence: { path: onBoot },
        how: 'the script is executable, so it runs at boot',
        tunnelLink: true,
        disable: async (now) => {
          const [real, was] = [await now.realPath(onBoot), await now.stat(onBoot)];
          const bytes = real && (await now.readFile(real));
          return real && was && bytes ? write(now, real, bytes, { mode: was.mode & ~0o111 }) : [];
        },
      },
    ];
  },
};
