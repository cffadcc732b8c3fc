import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BrokerContext } from '@nestcast/hub';
import { describeBroker } from '@nestcast/testing';

import { eventLogBroker } from './own-broker/event-log-broker.js';
import { LogServer } from './own-broker/memory-event-log.js';

/** The broker that docs/brokers.md begins with, over an engine that is as simple as can be. */
describeBroker(
  'of the guide',
  {
    create: (context) => over(new LogServer(context.history), context),
    nodes: async (context, count) => {
      const server = new LogServer(context.history);
      return Array.from({ length: count }, () => over(server, context));
    },
    clock: 'real',
  },
  { describe, it, beforeEach, afterEach },
);

describe('the guide', () => {
  it('has the broker as it is tested here', async () => {
    const [page, broker] = await Promise.all(
      ['../docs/brokers.md', './own-broker/event-log-broker.ts'].map((file) =>
        readFile(new URL(file, import.meta.url), 'utf8'),
      ),
    );
    expect(page).toContain(broker);
  });
});

const over = (server: LogServer, context: BrokerContext) =>
  eventLogBroker(async () => server.connect())(context);
