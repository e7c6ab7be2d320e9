import { existsSync, writeFileSync } from 'node:fs';

const usage =
  'usage: npm run new -- check NAME, or npm run new -- fixer NAME, where NAME is like "agent-enabled"';

/**
 * `npm run new -- check NAME`: makes the two files of a new rule, the rule and its test. They compile and lint; the test
 * fails until the rule is written.
 * @throws {Error} for a name that is not an id, a rule that exists, and a fixer whose check does not exist
 */
export function newRule(words: readonly string[], say: (line: string) => void): void {
  const [kind, id = '', ...rest] = words;
  if ((kind !== 'check' && kind !== 'fixer') || rest.length > 0 || !/^[a-z]\w*(?:-[a-z0-9]+)+$/.test(id))
    throw new Error(usage);
  const files = kind === 'check' ? checkTemplate(id) : fixerTemplate(id);
  const there = Object.keys(files).find((path) => existsSync(path));
  if (there !== undefined) throw new Error(`${there} exists already`);
  if (kind === 'fixer' && !existsSync(`checks/${id}.ts`))
    throw new Error(`a fixer has the name of the check that it repairs, and there is no checks/${id}.ts`);
  for (const [path, text] of Object.entries(files)) {
    writeFileSync(path, text);
    say(`wrote ${path}`);
  }
}

/** What to do with the files of a new rule. */
export function nextSteps([kind = '', id = '']: readonly string[]): string {
  return [
    'Next: write the rule; docs/adding-a-check.md says how. Its test fails until then:',
    `  npm run t -- test/${kind}s/${id}.test.ts`,
  ].join('\n');
}

/** "agent-enabled" is agentEnabled. */
function nameOf(id: string): string {
  return id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

type Templates = Readonly<Record<string, string>>;

function checkTemplate(id: string): Templates {
  const name = nameOf(id);
  return {
    [`checks/${id}.ts`]: `import { os } from '../images/guest/os.js';
import { type Finding, defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';

export const ${name} = defineCheck({
  meta: {
    id: '${id}',
    title: 'TODO: what is true when it passes',
    failureTitle: 'TODO: what is true when it fails',
    category: 'os',
    severity: 'warning',
    targets: ['nova-agent', 'cloud-init'],
    families: ['Linux'],
    scope: 'image',
    messages: {
      todo: 'TODO: what is wrong with {{os}}',
    },
    docs: {
      why: 'TODO: what happens to the server, and why.',
      remedy: 'TODO: what to do by hand.',
      references: [],
    },
  },
  needs: { os },
  *run({ os }): Iterable<Finding> {
    yield { message: 'todo', data: { os: os.name }, evidence: { path: os.evidence } };
  },
});

export const example: Example = {
  guest: 'debian-12',
  bad: {
    files: { '/etc/todo': 'TODO: a file that makes the check fail\\n' },
    says: ['TODO: every finding, word for word'],
  },
  good: { files: { '/etc/todo': 'TODO: the same file as it should be\\n' } },
};
`,
    [`test/checks/${id}.test.ts`]: `import { ${name}, example } from '../../checks/${id}.js';
import { anOs } from '../support/facts.js';
import { testRule } from '../support/rule-tester.js';

testRule(${name}, {
  example,
  pass: [{ name: 'TODO: facts that pass', facts: { os: anOs() } }],
  // TODO: a case for each message.
  fail: [],
});
`,
  };
}

function fixerTemplate(id: string): Templates {
  const name = nameOf(id);
  return {
    [`fixers/${id}.ts`]: `import { os } from '../images/guest/os.js';
import { defineFixer } from './lib/fixer.js';

export const ${name} = defineFixer({
  meta: {
    id: '${id}',
    title: 'TODO: what it does',
    risk: 'reviewed',
    phase: 'properties',
    docs: 'TODO: what it changes in the guest, and what it leaves alone.',
  },
  needs: { os },
  async *plan() {
    // TODO: yield changes, made by the functions of images/image/change.ts.
  },
});
`,
    [`test/fixers/${id}.test.ts`]: `import * as check from '../../checks/${id}.js';
import { ${name} } from '../../fixers/${id}.js';
import { testRepair } from '../support/fixer-tester.js';

describe('fixer ${id}', () => {
  testRepair(${name}, check.${name}, check.example);
  // TODO: what it leaves alone.
});
`,
  };
}
