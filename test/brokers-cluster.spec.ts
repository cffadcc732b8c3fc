import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { type Broker, type BrokerContext, ClusterBroker, ClusterLog, IpcLink } from '@nestcast/hub';
import { describeBroker, eventRecord } from '@nestcast/testing';
import { buildChild } from './support/child-app.js';
import { PortLink } from './support/port-link.js';

const BUILD_TIMEOUT_MS = 120_000;

/** More than the primary keeps for a node that does not read, in two parts. */
const HALF = 'x'.repeat(9 * 1_024 * 1_024);
const FILLER = 'filler';

interface Node {
  readonly broker: ClusterBroker;
  /** The primary's end. */
  readonly link: PortLink;
}

/** The primary in this process, at the other end of a MessageChannel: there its clock can be turned. */
describe('over message ports', () => {
  const ports: MessagePort[] = [];
  const logs: ClusterLog[] = [];
  let nodes: Node[] = [];

  function join(context: BrokerContext, count: number): ClusterBroker[] {
    const log = new ClusterLog(context);
    logs.push(log);
    nodes = Array.from({ length: count }, () => {
      const { port1, port2 } = new MessageChannel();
      ports.push(port1);
      const link = new PortLink(port2);
      log.serve(link);
      return { broker: new ClusterBroker(context, new PortLink(port1)), link };
    });
    return nodes.map(({ broker }) => broker);
  }

  /** Has the node read nothing, and the primary so much for it that it keeps no more events. */
  async function cutOff(broker: Broker, meanwhile: () => Promise<void>): Promise<void> {
    const node = nodes.find((each) => each.broker === broker);
    const other = nodes.find((each) => each.broker !== broker);
    await broker.subscribe(FILLER, () => undefined);
    node?.link.pause();
    for (const data of [HALF, HALF]) {
      await other?.broker.publish(FILLER, eventRecord({ data, ephemeral: true }));
    }
    await meanwhile();
    node?.link.resume();
  }

  describeBroker(
    'cluster',
    {
      create: (context) => join(context, 1)[0] as ClusterBroker,
      nodes: async (context, count) => join(context, count),
      cutOff,
      leases: true,
      spendOnce: true,
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
      spendOnce: true,
      destroy: anew,
    },
    { describe, it, beforeEach, afterEach },
  );
});
