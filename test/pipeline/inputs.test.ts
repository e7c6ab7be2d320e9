import assert from 'node:assert/strict';
import { checks } from '../../checks/index.js';
import { fixers } from '../../fixers/index.js';
import { factsOf } from '../../images/guest/fact.js';
import { memoryImage } from '../../images/image/memory.js';
import { inputs } from '../../pipeline/inputs.js';
import { judge } from '../../pipeline/judge.js';
import { makePlan } from '../../pipeline/plan.js';
import { debian6 } from '../guests/debian6.js';
import type { Files } from '../guests/parts.js';
import { systemdGuest } from '../guests/tables.js';
import { assertDeclared } from '../support/declared.js';

const guests: Readonly<Record<string, Files>> = { 'a Debian 6': debian6, 'a Debian 12': systemdGuest };

describe('inputs', () => {
  for (const [name, files] of Object.entries(guests)) {
    for (const target of ['nova-agent', 'cloud-init'] as const) {
      it(`declare all that judging and planning ${name} for ${target} reads`, async () => {
        const context = { target, family: 'Linux', metadata: {}, today: '2026-11-20' } as const;
        await assertDeclared(inputs, memoryImage(files), async (image) => {
          const before = await judge(checks, factsOf(image), context, []);
          assert.ok(before.some(({ outcome }) => outcome === 'fail'));
          await makePlan({ image, checks, fixers, context, waivers: [], before });
        });
      });
    }
  }
});
