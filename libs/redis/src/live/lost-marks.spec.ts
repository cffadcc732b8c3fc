import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { TimerWheel } from '@nestcast/hub';
import { LogKeys } from '../log/log-keys.js';
import type { Mark, SentMark } from './marks.js';
import { Subscriptions } from './subscriptions.js';

const nothing = (): void => undefined;

/** Subscriptions whose marks arrive when the spec says so. */
function subscriptionsOver(sent: EventEmitter, awaited: Set<object>): Subscriptions {
  return new Subscriptions({
    port: { subscribe: async () => undefined, unsubscribe: async () => undefined },
    life: { ready: async () => undefined },
    keys: new LogKeys('spec', 0),
    marks: {
      carrier: 'marks',
      send: async (arrived): Promise<SentMark> => {
        const mark = { place: 1, awaited: true, giveUp: () => void awaited.delete(mark) };
        awaited.add(mark);
        setImmediate(() => sent.emit('mark', arrived));
        return mark;
      },
    },
    clock: new TimerWheel(),
    timeoutMs: 1_000,
    onJoin: nothing,
    onError: nothing,
  });
}

describe('marks that were lost with their connection', () => {
  it.each(['a later one arrives', 'the broker closes'])('are expected no longer when %s', async (how) => {
    const sent = new EventEmitter();
    const awaited = new Set<object>();
    const subscriptions = subscriptionsOver(sent, awaited);
    const subscribing = subscriptions.subscribe('a', nothing, undefined);
    await once(sent, 'mark');
    subscriptions.listening();
    const [arrived] = (await once(sent, 'mark')) as [(mark: Mark) => void];
    expect(awaited.size).toBe(2);
    if (how === 'the broker closes') {
      subscriptions.close();
      await expect(subscribing).rejects.toMatchObject({ code: 'BROKER_CLOSED' });
    } else {
      arrived({ epoch: 'e', place: 1, ends: [] });
      await subscribing;
      subscriptions.close();
    }
    expect(awaited.size).toBe(0);
  });
});
