import assert from 'node:assert/strict';
import { type RunOptions, decidingOptions } from '../../../pipeline/cli/options.js';
import { hallmark } from '../../support/command.js';

describe('options that decide what is repaired', () => {
  it('are said again as they were, and no others', () => {
    const options: RunOptions = {
      ...{ failOn: 'warning' as const, only: ['agent-installed', 'xe-installed'], metadata: 'my image.json' },
      ...{
        agent: '2' as const,
        agentRepo: 'deb [trusted=yes] https://example.org ./',
        offlineInstall: true as const,
      },
      ...{ xeSha256: '0f', cloudInitSha256: 'f0' },
      ...{
        format: 'json' as const,
        report: 'out',
        yes: true as const,
        target: 'nova-agent' as const,
        output: 'x.tar',
        verbose: true as const,
      },
    };
    assert.deepEqual(decidingOptions(options), [
      ...['--fail-on', 'warning', '--only', 'agent-installed,xe-installed', '--metadata', 'my image.json'],
      ...['--agent', '2', '--agent-repo', 'deb [trusted=yes] https://example.org ./', '--offline-install'],
      ...['--cloud-init-sha256', 'f0', '--xe-sha256', '0f'],
    ]);
    assert.deepEqual(decidingOptions({ format: 'text' }), []);
  });

  it('are all of the plan’s and prepare’s, but for where results go and how they are told', () => {
    const elsewhere = [
      'kind',
      'target',
      'format',
      'json',
      'report',
      'timings',
      'quiet',
      'verbose',
      'debug',
      'help',
    ];
    const { stdout } = hallmark(['plan', '--help']);
    const [, own = ''] = /\nOptions:\n([^]*?)\n\n/.exec(stdout) ?? [];
    const names = [...own.matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gm)].map(([, name = '']) => name);
    const known = Object.fromEntries(
      names.map((name) => [name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()), 'x']),
    );
    assert.deepEqual(
      decidingOptions({ format: 'text', ...known })
        .filter((word) => word.startsWith('--'))
        .map((word) => word.slice(2))
        .sort(),
      names.filter((name) => !elsewhere.includes(name)).sort(),
    );
  });
});
