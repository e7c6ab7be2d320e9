import { bringUpToDate } from './outputs.js';

/**
 * What `npm run build` does after tsc, which knows what changed by itself and not by what is in dist/: a source that was
 * compiled by `npm run t` and then put back as tsc had seen it would stay compiled as it was meanwhile, and what was
 * compiled of a source that is gone would stay, too.
 */
await bringUpToDate();
