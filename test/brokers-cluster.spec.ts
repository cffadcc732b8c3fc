import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { type BrokerContext, ClusterBroker, ClusterLog, IpcLink } from '@nestcast/hub';
import { describeBroker } from '@nestcast/testing';
import { buildChild } from './support/child-app.js';
import { PortLink } from './support/port-link.js';

const BUILD_TIMEOUT_MS = 120_000;

/** The primary in this process, at the other end of a MessageChannel: there its clock can be turned. */
describe('over message ports', () => {
  const ports: MessagePort[] = [];
  const logs: ClusterLog[] = [];

  function nodes(context: BrokerContext, count: number): ClusterBroker[] {
    const log = new ClusterLog(context);
    logs.push(log);
    return Array.from({ length: count }, () => {
      const { port1, port2 } = new MessageChannel();
      ports.push(port1);
      log.serve(new PortLink(port2));
      return new ClusterBroker(context, new PortLink(port1));
    });
  }

  describeBroker(
    'cluster',
    {
      create: (context) => nodes(context, 1)[0] as ClusterBroker,
      nodes: async (context, count) => nodes(context, count),
      leases: true,
      destroy: async () => {
        await Promise.all(logs.splice(0).map((log) => log.close()));
        ports.splice(0).forEach((port) => port.close());
      },
    },
    { describe, it, beforeEach, afterEach },
  );
});

/** The primary in a process of its own. */
describe.each(['advanced', 'json'] as const)('over IPC with the serialization %s', (serialization) => {
  let primary: ChildProcess;
  let link: IpcLink;
  let made = 0;
  beforeAll(async () => {
    primary = fork(await buildChild('cluster-primary'), {
      serialization,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    // Each broker of a case listens to it.
    primary.setMaxListeners(0);
    link = new IpcLink(primary);
    await once(primary, 'message');
  }, BUILD_TIMEOUT_MS);
  afterAll(async () => {
    const exit = once(primary, 'exit');
    primary.kill();
    await exit;
  });

  function broker(context: BrokerContext): ClusterBroker {
    made += 1;
    return new ClusterBroker(context, link, made);
  }

  async function anew(): Promise<void> {
    primary.send('anew');
    for (let answer: unknown; answer !== 'anew';) {
      [answer] = await once(primary, 'message');
    }
  }

  describeBroker(
    'cluster',
    {
      create: broker,
      nodes: async (context, count) => Array.from({ length: count }, () => broker(context)),
      clock: 'real',
      leases: true,
      destroy: anew,
    },
    { describe, it, beforeEach, afterEach },
  );
});
