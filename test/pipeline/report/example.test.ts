import assert from 'node:assert/strict';
import type { Example } from '../../../checks/lib/example.js';
import { examplePlaces } from '../../../pipeline/report/example.js';
import { explainText } from '../../../pipeline/report/explain.js';
import { goldenReport } from './samples.js';

const example: Example = {
  guest: 'debian-6',
  bad: {
    files: { '/etc/a': '[Unit]\n\nAfter=b\n', '/etc/b': { link: '/c' } },
    says: ['nothing orders them'],
  },
  good: { files: { '/etc/a': true, '/etc/b': false } },
};

describe('an example', () => {
  it('is told place by place: a text, a link, what a package put there, and nothing', () => {
    assert.deepEqual(examplePlaces(example.bad), [
      { title: '/etc/a', content: '[Unit]\n\nAfter=b\n' },
      { title: '/etc/b: a link to /c' },
    ]);
    assert.deepEqual(examplePlaces(example.good), [
      { title: '/etc/a: as its package installs it' },
      { title: '/etc/b: does not exist' },
    ]);
  });

  it('is in the explanation of its check, its text as it is', () => {
    const { rules } = goldenReport();
    const text = explainText('xe-ordering', rules, { examples: { 'xe-ordering': example } });
    const block = [
      'Bad',
      '  /etc/a',
      '    [Unit]',
      '',
      '    After=b',
      '  /etc/b: a link to /c',
      '  Finding: nothing orders them',
      '',
      'Good',
      '  /etc/a: as its package installs it',
      '  /etc/b: does not exist',
    ];
    assert.ok(text.includes(`\n${block.join('\n')}\n`), text);
    assert.doesNotMatch(explainText('agent-log', rules, { examples: { 'xe-ordering': example } }), /Bad/);
  });
});
