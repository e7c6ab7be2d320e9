import type { Report } from '../../../pipeline/report/report.js';
import { failedRehearsal } from './rehearsal-samples.js';

/** A guest whose files and messages take more, or fewer, columns than they have characters. */
const words = [
  '仮想マシンのログに',
  '問題が見つかりました',
  'cafe\u0301-re\u0301sume\u0301',
  '데이터베이스',
  '😀😀😀',
  'ｆｕｌｌｗｉｄｔｈ',
  'naïve',
];

/** The report of a failed rehearsal, in wide and in combining characters wherever an image can put words. */
export function wideReport(): Report {
  const report = failedRehearsal();
  const text = Array.from({ length: 5 }, () => words.join(' ')).join(' ');
  return {
    ...report,
    image: { ...report.image, source: `イメージ/${words.join(' ')}.tar.gz` },
    results: report.results.map((result) => ({
      ...result,
      findings: result.findings.map((finding) => ({
        ...finding,
        message: text,
        path: `/etc/設定 ファイル/cafe\u0301-${finding.fingerprint}`,
      })),
    })),
    stages: [
      { name: 'open', durationMs: 7 },
      { name: 'rehearse', durationMs: 62_400 },
    ],
    output: { path: `イメージ/${words.join(' ')}.tar`, size: 1, sha256: 'f'.repeat(64) },
    rehearsal: {
      ...report.rehearsal!,
      reason: text,
      timeline: report.rehearsal!.timeline.map((entry) => ({ ...entry, detail: text })),
      evidence: report.rehearsal!.evidence.map((claim) => ({ ...claim, claim: text, seen: text })),
    },
  };
}
