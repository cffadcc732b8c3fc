import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { array, assert, asyncProperty, boolean, constant, nat, oneof, record } from 'fast-check';
import { LogServer } from '../spec-support/log-server.js';
import { MemoryLocks } from '../spec-support/memory-locks.js';
import { SharedTab } from '../spec-support/shared-tab.js';
import { SlowChannels } from '../spec-support/slow-channels.js';

const ACTIONS = {
  publish: 6,
  elsewhere: 1,
  deliver: 12,
  answer: 6,
  time: 3,
  open: 3,
  close: 1,
  crash: 2,
  reload: 1,
  cut: 1,
  reconnect: 1,
} as const;
type Action = keyof typeof ACTIONS;

const step = record({
  action: oneof(
    ...Object.entries(ACTIONS).map(([action, weight]) => ({
      weight,
      arbitrary: constant(action as Action),
    })),
  ),
  choice: nat(20),
});

/** What one tab has seen, over its page loads. */
interface Viewer {
  tab: SharedTab;
  seen: string[];
  /** How much had been published when it was live for the first time, with an id to come back with. */
  liveAt: number | undefined;
}

/** A browser whose messages and answers are under way for as long as the steps want it. */
class SlowBrowser {
  readonly server = new LogServer();
  readonly viewers: Viewer[] = [];
  private readonly locks = new MemoryLocks();
  private readonly channels = new SlowChannels();
  private readonly answers: (() => void)[] = [];

  constructor(fromStart: boolean) {
    this.server.fromStart = fromStart;
  }

  async take(action: Action, choice: number): Promise<void> {
    const viewer = this.viewers[choice % this.viewers.length];
    switch (action) {
      case 'publish':
        this.server.publish();
        break;
      case 'elsewhere':
        this.server.publishElsewhere();
        break;
      case 'deliver':
        this.channels.deliver(choice);
        break;
      case 'answer':
        this.answers.splice(choice % Math.max(1, this.answers.length), 1)[0]?.();
        break;
      case 'time':
        await jest.advanceTimersByTimeAsync(1_600);
        break;
      case 'open':
        this.viewers.push({ tab: this.openTab(), seen: [], liveAt: undefined });
        break;
      case 'close':
      case 'crash':
        viewer?.tab[action]();
        this.viewers.splice(this.viewers.indexOf(viewer as Viewer), viewer ? 1 : 0);
        break;
      case 'reload':
        if (viewer) {
          viewer.tab.close();
          viewer.seen.push(...viewer.tab.events);
          viewer.tab = this.openTab(viewer.tab);
        }
        break;
      case 'cut':
        this.server.cut();
        break;
      case 'reconnect':
        viewer?.tab.source.reconnect();
        break;
    }
    await this.settled();
  }

  /** Nothing is under way any more. */
  async quiet(): Promise<void> {
    let left = 2_000;
    for (let rounds = 0; rounds < 5; rounds += 1) {
      while (this.channels.deliver(0) || this.answers.length > 0) {
        this.answers.shift()?.();
        await this.settled();
        rounds = 0;
        if ((left -= 1) < 0) {
          throw new Error(`It does not come to rest: ${JSON.stringify(this.server.requests.slice(-5))}`);
        }
      }
      await jest.advanceTimersByTimeAsync(1_600);
      await this.settled();
    }
  }

  private openTab(before?: SharedTab): SharedTab {
    return new SharedTab({
      server: this.server,
      locks: this.locks,
      ...(before && { cursor: before.cursor }),
      channel: (name) => this.channels.channel(name),
      fetch: (url, init) =>
        new Promise((resolve, reject) => {
          this.answers.push(() => {
            if (init.signal?.aborted) {
              reject(init.signal.reason as Error);
            } else {
              resolve(this.server.fetch(url, init));
            }
          });
        }),
    });
  }

  private async settled(): Promise<void> {
    for (let turn = 0; turn < 3; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const viewer of this.viewers) {
      if (viewer.tab.state.status === 'open' && viewer.tab.cursor.id !== '') {
        viewer.liveAt ??= this.server.published.length;
      }
    }
  }
}

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
});

afterEach(() => {
  jest.useRealTimers();
});

it('brings each tab every event once and in order, whoever leads and however slow the messages are', async () => {
  await assert(
    asyncProperty(boolean(), array(step, { maxLength: 80, size: 'max' }), async (fromStart, steps) => {
      const browser = new SlowBrowser(fromStart);
      try {
        for (const { action, choice } of steps) {
          await browser.take(action, choice);
        }
        await browser.quiet();
        browser.server.publish();
        await browser.quiet();
        const { published, connections } = browser.server;
        for (const { tab, seen, liveAt } of browser.viewers) {
          const events = [...seen, ...tab.events];
          expect(tab.state.status).toBe('open');
          expect(events).toEqual(published.slice(published.length - events.length));
          expect(events.length).toBeGreaterThanOrEqual(
            fromStart ? published.length : published.length - (liveAt ?? 0),
          );
        }
        expect(connections).toBe(Math.min(1, browser.viewers.length));
      } finally {
        browser.viewers.forEach(({ tab }) => tab.close());
      }
    }),
    { numRuns: 100 },
  );
}, 30_000);
