import { isOfHost } from '../image/directory.js';
import type { AskedAnswer } from './asked.js';
import type { Observation } from './observation.js';

/** What the agent that runs here answers to `version` and `features`; why it cannot be asked, when it is a string. */
export const agentReplies: Observation<readonly AskedAnswer[] | string> = {
  name: 'agent-replies',
  async gather(image, get) {
    // Few images are the running system, and none of the others needs the code.
    if (!isOfHost(image)) return 'the image is not the running system';
    const { askRunningAgent } = await import('./ask-agent.js');
    return await askRunningAgent(get);
  },
};
