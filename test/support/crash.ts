/**
 * A run that dies: `node crash.js apply|undo|recover ROOT STATE STEP` is killed with SIGKILL just before its STEPth
 * writing system call. Without STEP it runs to its end and prints the name of every step.
 */
import { apply } from '../../images/write/apply.js';
import { recover, undo } from '../../images/write/undo.js';
import { planChanges } from './transaction.js';

const [command, root = '', stateDirectory = '', last] = process.argv.slice(2);
const steps: string[] = [];

function onStep(name: string): void {
  steps.push(name);
  if (last !== undefined && steps.length === Number(last)) process.kill(process.pid, 'SIGKILL');
}

if (command === 'apply')
  await apply(root, await planChanges(root), { stateDirectory, source: 'drill', onStep });
else if (command === 'undo') await undo(root, { stateDirectory, onStep });
else await recover(stateDirectory, root, onStep);
process.stdout.write(JSON.stringify(steps));
