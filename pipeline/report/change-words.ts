import type { ReportedChange, ReportedState } from './report.js';

/** A change in a few words: "mode 0644 to 0755", "link to ../init.d/x", "removed". */
export function changeInWords({ kind, before, after }: ReportedChange): string {
  const was = before.type === 'absent' ? '' : `, was ${stateInWords(before)}`;
  switch (kind) {
    case 'remove':
      return `remove ${stateInWords(before)}`;
    case 'directory':
      return before.type === 'directory'
        ? rewriteInWords('directory', before, after)
        : `new ${stateInWords(after)}`;
    case 'link':
      return `${before.type === 'absent' ? 'new ' : ''}${stateInWords(after)}${was}`;
    case 'write':
      return before.type === 'file'
        ? rewriteInWords('edit', before, after)
        : `new ${stateInWords(after)}${was}`;
  }
}

function rewriteInWords(what: string, before: ReportedState, after: ReportedState): string {
  if (!('mode' in before && 'mode' in after)) return what;
  const words = [what];
  if (before.mode && after.mode && before.mode !== after.mode)
    words.push(`mode ${before.mode} to ${after.mode}`);
  const { uid = before.uid, gid = before.gid } = after;
  if (before.uid !== uid || before.gid !== gid) {
    words.push(`owner ${before.uid ?? 0}:${before.gid ?? 0} to ${uid ?? 0}:${gid ?? 0}`);
  }
  return [...words, ...extendedInWords(after)].join(', ');
}

function extendedInWords(state: ReportedState): string[] {
  return state.type === 'file' && state.extended ? [`with ${state.extended.join(' and ')}`] : [];
}

function stateInWords(state: ReportedState): string {
  switch (state.type) {
    case 'absent':
      return 'nothing';
    case 'directory':
      return `directory${modeInWords(state)}${ownerInWords(state)}`;
    case 'link':
      return `link to ${state.target}${ownerInWords(state)}`;
    case 'file':
      return [`file${modeInWords(state)}${ownerInWords(state)}`, ...extendedInWords(state)].join(', ');
  }
}

const modeInWords = ({ mode }: { readonly mode?: string | undefined }): string =>
  mode === undefined ? '' : `, mode ${mode}`;

function ownerInWords({ uid = 0, gid = 0 }: { readonly uid?: number; readonly gid?: number }): string {
  return uid === 0 && gid === 0 ? '' : `, owner ${uid}:${gid}`;
}

/** "content not shown (secret)" and what is known of it instead; undefined when there is nothing to say. */
export function notShownInWords({ notShown, after, before }: ReportedChange): string | undefined {
  if (!notShown || notShown === 'installed') return undefined;
  const known = after.type === 'file' ? after : before;
  const facts =
    known.type === 'file' && known.sha256 ? `: ${known.size ?? 0} bytes, sha256 ${known.sha256}` : '';
  return `content not shown (${notShown === 'secret' ? 'it may hold secrets' : notShown})${facts}`;
}
