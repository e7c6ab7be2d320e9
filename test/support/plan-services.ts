import type { Fixer } from '../../fixers/lib/fixer.js';
import type { Service } from '../../images/guest/init/service.js';
import type { Change, GuestPath } from '../../images/image/image.js';
import { memoryImage } from '../../images/image/memory.js';
import { inShort, planFor } from './fixer-tester.js';

const wants = (id: string): Change => ({
  kind: 'link',
  path: `/etc/systemd/system/multi-user.target.wants/${id}`,
  expect: { type: 'absent' },
  target: `/lib/systemd/system/${id}`,
});
const dropIn = (first: string, then: string): Change => ({
  kind: 'write',
  path: `/etc/${then}.d/${first}.conf` as GuestPath,
  expect: { type: 'absent' },
  content: { bytes: Buffer.from('') },
  posix: { mode: 0o644, uid: 0, gid: 0 },
});
const image = memoryImage({ '/etc/systemd/system/multi-user.target.wants': { type: 'directory' } });
/** What the init system would change. */
export const changes = {
  enable: async ({ id }: Service) => [wants(id)],
  putBefore: async (first: Service, then: Service) => [
    {
      kind: 'directory',
      path: `/etc/${then.id}.d`,
      expect: { type: 'absent' },
      posix: { mode: 0o755 },
    } as const,
    dropIn(first.id, then.id),
  ],
};

/** What a fixer plans with these services, in short. */
export async function planServices(
  fixer: Fixer,
  facts: Readonly<Record<string, unknown>>,
): Promise<string[]> {
  const all = { agentStarters: [], ...facts };
  const declared = Object.fromEntries(Object.entries(all).filter(([name]) => name in fixer.needs));
  return inShort((await planFor(fixer, image, declared)).changes);
}
