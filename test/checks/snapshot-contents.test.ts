import { snapshotContents, example } from '../../checks/snapshot-contents.js';
import { testRule } from '../support/rule-tester.js';

const every = ['host-key', 'machine-id', 'history', 'authorized-keys', 'private-key', 'leftover'];

testRule(snapshotContents, {
  example,
  pass: [{ name: 'nothing', facts: { travellers: [] } }],
  fail: [
    {
      name: 'each by its size',
      facts: {
        travellers: [
          ...every.map((kind, at) => ({ kind, path: `/${at}`, size: 10 + at })),
          { kind: 'instance-data', path: '/7', size: 99, files: 3 },
          { kind: 'logs', path: '/8', size: 1000, files: 12 },
        ],
      },
      findings: [
        ...every.map((message, at) => ({
          message,
          path: `/${at}`,
          severity: message === 'leftover' ? ('info' as const) : ('warning' as const),
          text: `${10 + at} bytes`,
        })),
        { message: 'instance-data', severity: 'warning', text: '3 files, 99 bytes' },
        { message: 'logs', severity: 'info', text: '12 files, 1000 bytes' },
      ],
    },
  ],
});
