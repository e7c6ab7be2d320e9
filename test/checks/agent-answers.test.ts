import { agentAnswers, example } from '../../checks/agent-answers.js';
import type { AskedAnswer } from '../../images/live/asked.js';
import { testRule } from '../support/rule-tester.js';

const said = (
  command: AskedAnswer['command'],
  message: string,
  returncode: string | number = '0',
): AskedAnswer => ({ command, answer: { kind: 'response', returncode, message } });
const version = said('version', '2.1.25');
/** What 2.1.25 answers, and with agentupdate what 1.39.1 does (their sources). */
const features = said('features', 'kmsactivate,resetnetwork,version,keyinit,features,password,injectfile');
const facts = (...agentReplies: AskedAnswer[]) => ({ facts: { agentReplies } });

testRule(agentAnswers, {
  example,
  pass: [
    { name: 'both are answered', ...facts(version, features) },
    {
      name: 'more features, with spaces',
      ...facts(version, said('features', 'agentupdate, password, keyinit, injectfile, resetnetwork')),
    },
  ],
  fail: [
    {
      name: 'no answer',
      ...facts(version, { command: 'features', answer: { kind: 'time-out', seconds: 30 } }),
      findings: [{ message: 'silent', severity: 'error', text: '"features" within 30 s' }],
    },
    {
      name: 'something that is no response, which may hold anything',
      ...facts({ command: 'version', answer: { kind: 'malformed', text: '\u001b[31m2.1.25' } }, features),
      findings: [{ message: 'malformed', text: '\\x1b[31m2.1.25' }],
    },
    {
      name: 'failures, by a string and by a number',
      ...facts(said('version', 'Request is malformed', '500'), said('features', '', 500)),
      findings: [
        { message: 'failed', text: '"features" with 500: ' },
        { message: 'failed', text: '"version" with 500: Request is malformed' },
      ],
    },
    {
      name: 'a success that says nothing',
      ...facts(said('version', ''), features),
      findings: [{ message: 'no-version' }],
    },
    {
      name: 'a command that it does not know',
      ...facts(version, said('features', 'version,keyinit,password,resetnetwork')),
      findings: [{ message: 'no-feature', text: 'injectfile' }],
    },
  ],
  notApplicable: [
    {
      name: 'an agent that cannot be asked',
      facts: { agentReplies: 'no nova-agent is running' },
      reason: 'no nova-agent is running',
    },
  ],
});
