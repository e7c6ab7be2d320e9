import { checks } from '../checks/index.js';
import { fixers } from '../fixers/index.js';
import { agents } from '../images/guest/agents/agents.js';
import { cloudInit } from '../images/guest/cloud-init/cloud-init.js';
import type { Fact } from '../images/guest/fact.js';
import type { Input } from '../images/image/inputs.js';
import { init } from '../images/guest/init/init.js';
import { mounts } from '../images/guest/mounts.js';
import { os } from '../images/guest/os.js';
import { packages } from '../images/guest/packages.js';
import { services } from '../images/guest/init/services.js';
import { xe } from '../images/guest/agents/xe.js';

/** What the pipeline itself wants to know of a guest. */
const own: readonly Fact<unknown>[] = [agents, cloudInit, init, mounts, os, packages, services, xe];

const declared = [...checks, ...fixers].flatMap(({ needs }) => Object.values(needs));

/** Every guest path whose content a rule, a repair or the report may read: what a tarball's pass keeps. */
export const inputs: readonly Input[] = [
  ...new Map(
    [...new Set([...own, ...declared])]
      .flatMap(({ inputs: read }) => read ?? [])
      .map((input) => [typeof input === 'string' ? input : `${input.glob}\n${input.limit}`, input]),
  ).values(),
];
