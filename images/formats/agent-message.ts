/**
 * What Nova and an agent write to each other, as JSON in XenStore: a request in `data/host/<uuid>`, its response in
 * `data/guest/<uuid>` (nova/virt/xenapi/agent.py; Rackspace-DOT/nova-agent; rackerlabs/openstack-guest-agents-unix).
 */

/** @returns the JSON that the agent reads */
export function requestText({ name, value }: { readonly name: string; readonly value: string }): string {
  return JSON.stringify({ name, value });
}

/** What an agent wrote. */
export type AgentAnswer =
  | { readonly kind: 'response'; readonly returncode: string | number; readonly message: string }
  /** Something that is no response; `text` is the guest's, as it is. */
  | { readonly kind: 'malformed'; readonly text: string };

/**
 * A response is a JSON object with two strings, `returncode` and `message`. 2.x answers failures with the number 500
 * (novaagent/common/password.py, `PasswordError`), which is none of the strings that Nova takes for success.
 */
export function parseAnswer(text: string): AgentAnswer {
  const malformed = { kind: 'malformed', text } as const;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return malformed;
    throw error;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return malformed;
  if (!('returncode' in value) || !('message' in value)) return malformed;
  const { returncode, message } = value;
  if (typeof returncode !== 'string' && typeof returncode !== 'number') return malformed;
  if (typeof message !== 'string') return malformed;
  return { kind: 'response', returncode, message };
}
