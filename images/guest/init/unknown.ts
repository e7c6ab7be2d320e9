import type { InitModule } from './init-module.js';
import { unjudged } from './unjudged.js';

/** An init system that none of the others recognizes. */
export const unknown: InitModule = {
  ...unjudged('unknown'),
  recognize: async (_, { path }) => path,
  isInstalled: async () => false,
  hasAgentService: () => false,
};
