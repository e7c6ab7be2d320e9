import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemCode } from '../../../images/base/errors.js';
import { makeConfigDrive, writeConfigDrive } from '../../../pipeline/rehearse/cloud-init/config-drive.js';
import { makeSeedFolder } from '../../../pipeline/rehearse/cloud-init/seed.js';
import { scenario } from './cloud.js';
import { hostNameFault, nameServerFault, networkFault } from './look.js';
import { type InitName, Server } from './server.js';
import { type Shown, broken, works } from './shown.js';

const limitMs = 180_000;

/**
 * Boots a server that lives by cloud-init, with what its config drive would have given as a seed, and sees whether it
 * became what the drive says, now and after a reboot.
 */
export async function bootCloudInitServer(
  root: string,
  { init, words }: { init: InitName; words: readonly string[] },
): Promise<Shown> {
  await using server = await Server.open(root, init);
  const drive = await makeConfigDrive(scenario);
  const folder = join(server.sandbox.work.path, 'config-drive');
  writeConfigDrive(folder, drive);
  const binds = [{ from: folder, to: await makeSeedFolder(server.sandbox), readOnly: true }];
  for (const boot of ['first', 'second']) {
    await server.boot(words, binds);
    const faults = await untilRight(server, drive);
    if (faults.length > 0) return broken(`${boot === 'first' ? '' : 'after a reboot '}${faults.join('; ')}`);
    await server.stop();
  }
  return works();
}

type Drive = Awaited<ReturnType<typeof makeConfigDrive>>;

async function untilRight(server: Server, drive: Drive): Promise<readonly string[]> {
  const since = performance.now();
  let faults: readonly string[] = ['it did not come up'];
  let settled = 0;
  while (performance.now() - since < limitMs && settled < 5) {
    await sleep(1000);
    if (server.machine.isOver()) return ['the guest ended'];
    if (await server.isSettled()) settled++;
    faults = await whatIsWrong(server, drive);
    if (settled > 0 && faults.length === 0) return [];
  }
  return faults;
}

async function whatIsWrong(server: Server, { uuid, commanded }: Drive): Promise<string[]> {
  const id = textOf(server, '/var/lib/cloud/data/instance-id')?.trim();
  const found = [
    id === uuid ? undefined : `cloud-init’s instance is ${id ?? 'none'}`,
    textOf(server, commanded.path) === commanded.contents ? undefined : 'the user’s command was not run',
    await hostNameFault(server),
    await networkFault(server),
    await nameServerFault(server),
  ];
  return found.filter((one) => one !== undefined);
}

function textOf({ sandbox }: Server, path: string): string | undefined {
  try {
    return readFileSync(join(sandbox.root, path), 'utf8');
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
