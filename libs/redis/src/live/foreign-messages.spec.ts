import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { toEventRecord } from '@nestcast/hub';
import { RedisServer } from '@nestcast/test-servers';
import type { RedisListener } from '../connection/redis-port.js';
import { BrokerNodes } from '../spec-support/broker-nodes.js';
import { FeedRecorder } from '../spec-support/feed-recorder.js';

const FOREIGN = ['', 'garbage', 'null', '{}', '5 null', '1 2 3 4\n5', '[[[['];

describe('messages of somebody else on the channels of a broker', () => {
  let server: RedisServer;
  let nodes: BrokerNodes;
  beforeEach(async () => {
    nodes = new BrokerNodes();
    server = await RedisServer.start();
  });
  afterEach(async () => {
    await nodes.close();
    await server.stop();
  });

  it('are reported, and neither end the process nor what is delivered', async () => {
    const node = nodes.node(server.url);
    const recorder = await FeedRecorder.of(node, 'news');
    const carrier = `{${nodes.prefix}}:live:news`;
    expect(await server.command('PUBSUB', 'CHANNELS', '*')).toContain(carrier);
    for (const text of FOREIGN) {
      await server.command('PUBLISH', carrier, text);
    }
    await node.publish('news', toEventRecord({ data: 'an event' }));
    await recorder.until('an event');
    expect(nodes.reports).toHaveLength(FOREIGN.length);
    expect(recorder.heard).toEqual(['an event']);
  });

  it('are reported where they have waited for the log to be read', async () => {
    const listeners: RedisListener[] = [];
    const node = nodes.node(server.url, {
      over: (connect) => (listener) => {
        listeners.push(listener);
        return connect(listener);
      },
    });
    const recorder = await FeedRecorder.of(node, 'news');
    // The log is read from here on, and what comes waits.
    listeners.forEach((listener) => listener.listening());
    listeners.forEach((listener) => listener.message(`{${nodes.prefix}}:live:news`, 'garbage'));
    await node.publish('news', toEventRecord({ data: 'an event' }));
    await recorder.until('an event');
    expect(nodes.reports).toHaveLength(1);
  });
});
