import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from '@jest/globals';
import { TimerWheel } from '@nestcast/hub';
import { SseChannel, type SseEvent } from '@nestcast/sse';
import { Controller, Param } from '@nestjs/common';
import { openAndClose } from './support/churn.js';
import { nextClose } from './support/lifecycle.js';
import { type Adapter, type TestApp, adapters, startApp } from './support/nest-app.js';

const SOCKETS_AT_ONCE = 50;
/** Streams of one socket: four that end by themselves and one that is cut off. */
const ENDING = 4;
const STREAMS_AT_ONCE = SOCKETS_AT_ONCE * (ENDING + 1);
const WARM_UP = 5_000;
const OPENS = 100_000;
/** What a process gains and loses by itself: thirty bytes an opening, less than anything that could be kept of one. */
const UNSTEADY_BYTES = 3_000_000;
const TIMEOUT_MS = 300_000;

@Controller()
class ChurnController {
  @SseChannel('ending/:user')
  async *ending(): AsyncIterable<SseEvent> {
    yield { type: 'only', data: 'event' };
  }

  @SseChannel('open/:user')
  open(@Param('user') user: string) {
    return [`user/${user}`, 'everybody'];
  }
}

describe.each(adapters)('many openings on %s', (adapter) => {
  let app: TestApp;
  let users = 0;
  afterEach(() => app.close());

  it(
    `${OPENS.toLocaleString('en')} opens and closes leave heap and handles where they were`,
    async () => {
      app = await startChurnedApp(adapter);
      await openAndCloseMany(WARM_UP);
      const before = footprint(app);
      await openAndCloseMany(OPENS);
      const after = footprint(app);

      expect(after.heapBytes).toBeLessThan(before.heapBytes + UNSTEADY_BYTES);
      expect(app.channels.stats()).toMatchObject({ connections: 0, channels: 0, opens: WARM_UP + OPENS });
      expect(app.app.get(TimerWheel).pending).toBeLessThanOrEqual(1);
      expect(after.sockets).toBeLessThanOrEqual(before.sockets + 1);
    },
    TIMEOUT_MS,
  );

  async function openAndCloseMany(count: number): Promise<void> {
    for (let done = 0; done < count; done += STREAMS_AT_ONCE) {
      const sockets = Array.from({ length: SOCKETS_AT_ONCE }, () => {
        users += 1;
        return openAndClose({
          port: app.port,
          ending: Array.from({ length: ENDING }, () => `/ending/${users}`),
          open: `/open/${users}`,
        });
      });
      await Promise.all(sockets);
    }
    while (app.channels.connections().length > 0) {
      await nextClose(app);
    }
  }
});

/** With all that a connection can hold: slots of each limit, and times at which something is due. */
function startChurnedApp(adapter: Adapter): Promise<TestApp> {
  return startApp(adapter, {
    controllers: [ChurnController],
    sse: {
      limits: { total: 1_000, perUser: 10, perIp: 1_000, perChannel: 1_000 },
      identify: ({ params }: { params: { user: string } }) => params.user,
    },
  });
}

/** After a collection, and without what the test's own logger keeps. */
function footprint({ logger }: TestApp): { heapBytes: number; sockets: number } {
  logger.closes.length = 0;
  collectGarbage();
  return {
    heapBytes: process.memoryUsage().heapUsed,
    sockets: process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length,
  };
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
}
