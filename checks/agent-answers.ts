import type { AgentAnswer } from '../images/formats/agent-message.js';
import { visible } from '../images/base/visible.js';
import { agentReplies } from '../images/live/agent-replies.js';
import type { AskedAnswer } from '../images/live/asked.js';
import { type Finding, defineCheck } from './lib/check.js';
import type { Example } from './lib/example.js';
import { agentArticle, allAbout, article } from './lib/references.js';

/** What Nova sends to every server that it builds, beside `version` and `features` themselves. */
const needed = ['keyinit', 'password', 'injectfile', 'resetnetwork'] as const;

export const agentAnswers = defineCheck({
  meta: {
    id: 'agent-answers',
    title: 'nova-agent answers through XenStore',
    failureTitle: 'nova-agent does not answer through XenStore as it should',
    category: 'agent',
    severity: 'error',
    targets: ['nova-agent'],
    families: ['Linux'],
    scope: 'image',
    live: true,
    messages: {
      silent: 'nova-agent runs, but did not answer "{{command}}" within {{seconds}} s',
      malformed: 'nova-agent answered "{{command}}" with something that is not a response: {{text}}',
      failed: 'nova-agent answered "{{command}}" with {{returncode}}: {{text}}',
      'no-version': 'nova-agent answered "version" without a version',
      'no-feature': 'nova-agent does not know the command {{feature}}, which the cloud sends',
    },
    docs: {
      why: 'The cloud writes its commands to data/host in XenStore and waits for an answer in data/guest. An agent that runs and does not answer is as good as none: it waits for something else, it cannot read the device, or another program takes its requests. Servers built from this one then keep the old addresses and the old password. Hallmark sends "version" and "features", which change nothing, as the cloud would.',
      remedy:
        'Restart the agent (`systemctl restart nova-agent` or `python3-nova-agent`, `service nova-agent restart`) and look at /var/log/nova-agent.log. Ask it yourself with `hallmark ask version`. If only one of two agents should run, see agent-unique.',
      references: [article(allAbout, 'nova-agent'), article(agentArticle, 'What does nova-agent require?')],
    },
  },
  needs: { agentReplies },
  appliesTo: ({ agentReplies }) => (typeof agentReplies === 'string' ? agentReplies : true),
  *run({ agentReplies }): Iterable<Finding> {
    if (typeof agentReplies === 'string') return;
    for (const each of agentReplies) yield* judge(each);
  },
});

function* judge({ command, answer }: AskedAnswer): Iterable<Finding> {
  if (answer.kind === 'time-out') yield { message: 'silent', data: { command, seconds: answer.seconds } };
  else if (answer.kind === 'malformed')
    yield { message: 'malformed', data: { command, text: shown(answer.text) } };
  else if (answer.returncode === '0') yield* judgeSuccess(command, answer);
  else {
    const { returncode, message } = answer;
    yield {
      message: 'failed',
      data: { command, returncode: shown(String(returncode)), text: shown(message) },
    };
  }
}

/** A command that it does not know, 2.x answers with success and nothing else. */
function* judgeSuccess(
  command: AskedAnswer['command'],
  { message }: Extract<AgentAnswer, { kind: 'response' }>,
): Iterable<Finding> {
  if (command === 'version' && message.trim() === '') yield { message: 'no-version' };
  if (command !== 'features') return;
  const known = message.split(',').map((name) => name.trim());
  for (const feature of needed)
    if (!known.includes(feature)) yield { message: 'no-feature', data: { feature } };
}

const shownLength = 200;
const shown = (text: string): string => visible(text.slice(0, shownLength));

export const example: Example = {
  guest: 'debian-12',
  bad: {
    running: {
      agentReplies: [
        { command: 'version', answer: { kind: 'response', returncode: '0', message: '2.1.25' } },
        { command: 'features', answer: { kind: 'time-out', seconds: 30 } },
      ],
    },
    says: ['nova-agent runs, but did not answer "features" within 30 s'],
  },
  good: {
    running: {
      agentReplies: [
        { command: 'version', answer: { kind: 'response', returncode: '0', message: '2.1.25' } },
        {
          command: 'features',
          answer: {
            kind: 'response',
            returncode: '0',
            message: 'resetnetwork,version,keyinit,features,password,injectfile',
          },
        },
      ],
    },
  },
};
