import assert from 'node:assert/strict';
import { wrappedRequirements } from '../../../../images/guest/agents/wrapper.js';
import { memoryImage } from '../../../../images/image/memory.js';

const program = '/usr/bin/nova-agent';
const image = memoryImage({
  '/opt/agent/run': { content: '\x7fELF', mode: 0o755 },
  '/opt/agent/readme': 'x',
  '/etc/default/agent': 'HOME_OF_IT=/opt/gone\n',
});

const cases: readonly (readonly [string, string, string])[] = [
  ['what it runs in its place', 'exec /opt/agent/run "$@"', '2 /opt/agent/run'],
  ['what it runs there and is not in the image', 'exec /opt/agent/gone "$@"', '2 not /opt/agent/gone'],
  ['what cannot be executed', 'exec /opt/agent/readme', '2 not /opt/agent/readme'],
  ['its last command', 'cd /opt\n/opt/agent/gone -n', '3 not /opt/agent/gone'],
  ['no command before the last', '/opt/agent/gone\n/opt/agent/run', '3 /opt/agent/run'],
  ['what a wrapper of programs runs', 'exec nice -n 5 /opt/agent/gone', '2 not /opt/agent/gone'],
  ['a path in settings of the guest', '. /etc/default/agent\nexec $HOME_OF_IT/run', '3 not /opt/gone/run'],
  ['nothing that hangs on something', 'if [ -n "$A" ]; then exec /opt/agent/gone; fi', ''],
  ['nothing that only the running shell knows', 'exec "$AGENT"', ''],
  ['nothing that is looked for by its name', 'exec agent', ''],
];

describe('what an agent’s script of a shell requires', () => {
  for (const [name, script, expected] of cases)
    it(`is ${name}`, async () => {
      const found = await wrappedRequirements(image, program, `#!/bin/sh\n${script}\n`);
      const words = found.map((one) => `${one.evidence.line} ${one.found ? '' : 'not '}${one.what}`);
      assert.equal(words.join(), expected);
    });

  it('is nothing where the script is of something else', async () => {
    for (const script of ['#!/usr/bin/python3\nexec /opt/agent/gone\n', '\x7fELF', ''])
      assert.deepEqual(await wrappedRequirements(image, program, script), []);
  });
});
