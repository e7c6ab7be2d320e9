import { join } from 'node:path';
import { give, makePipeDevice } from '../../images/sandbox/devices.js';
import type { Bind } from '../../images/sandbox/machine.js';
import type { Sandbox } from '../../images/sandbox/sandbox.js';
import type { RequestSeen } from './xenstore/connection.js';
import { serveSocket } from './xenstore/serve.js';
import { XenStore } from './xenstore/store.js';

/** What only an agent reads: where its requests are, and whose server it is. The guest utilities ask for neither. */
const ofAgents = /(?:^|\/)(?:data\/host|vm-data)(?:\/|$)/;

/** A XenStore that a guest can reach. */
export interface AgentStore extends AsyncDisposable {
  readonly store: XenStore;
  /** The device, and the socket of programs that know it. */
  readonly binds: readonly Bind[];
  /** Whether an agent has asked it for anything yet. */
  readonly hasBeenAsked: () => boolean;
  /** From now on nobody has. */
  readonly forgetAsked: () => void;
}

/** Serves an empty store to a guest that is yet to be started. @param onFirst - told when an agent asks */
export async function openAgentStore(sandbox: Sandbox, onFirst: () => void): Promise<AgentStore> {
  const store = new XenStore();
  let asked = false;
  const onRequest = ({ path = '' }: RequestSeen): void => {
    if (asked || !ofAgents.test(path)) return;
    asked = true;
    onFirst();
  };
  const { namespaces, work } = sandbox;
  const [ofDevice, ofPrograms] = [join(work.path, 'device.sock'), join(work.path, 'programs.sock')];
  const sockets: AsyncDisposable[] = [];
  const close = async (): Promise<void> => {
    for (const socket of sockets) await socket[Symbol.asyncDispose]();
  };
  try {
    sockets.push(await serveSocket(store, ofDevice, { shared: true, onRequest }));
    sockets.push(await serveSocket(store, ofPrograms, { onRequest }));
    give(ofPrograms);
    const device = await makePipeDevice(namespaces, work, ofDevice);
    return {
      store,
      binds: [
        { from: device.path, to: '/dev/xen/xenbus' },
        { from: ofPrograms, to: '/run/xenstored/socket' },
      ],
      hasBeenAsked: () => asked,
      forgetAsked: () => {
        asked = false;
      },
      [Symbol.asyncDispose]: async () => {
        device[Symbol.dispose]();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
