import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import { Observable, Subject, finalize, map, merge, tap } from 'rxjs';
import type { SseEvent } from './event.js';
import { Hub } from './hub.js';
import { hubDefaults } from './hub-options.js';
import { Jobs } from './jobs.js';
import { HandClock } from './spec-support/hand-clock.js';
import { openClient, setUpHub, settled } from './spec-support/hub-fixture.js';
import { MemoryTransport } from './spec-support/memory-transport.js';
import { TimerWheel } from './timer-wheel.js';

const who = new AsyncLocalStorage<string>();

/** Notes in whose context it is called. */
class Witness {
  readonly seen: Record<string, string | undefined> = {};

  note(what: string): void {
    this.seen[what] = who.getStore();
  }

  /** A source that notes who subscribes to it, and who ends it. */
  source(events: Observable<SseEvent>): Observable<SseEvent> {
    return new Observable((subscriber) => {
      this.note('subscribe');
      const subscription = events.subscribe(subscriber);
      return () => {
        this.note('teardown');
        subscription.unsubscribe();
      };
    });
  }
}

class WitnessTransport extends MemoryTransport {
  readonly writers: (string | undefined)[] = [];

  override write(bytes: Buffer): void {
    this.writers.push(who.getStore());
    super.write(bytes);
  }
}

describe('the async context', () => {
  it.each(['subscriber', undefined])('of a subscriber of events$ is its own: %s', async (subscriber) => {
    const { hub } = setUpHub();
    const witness = new Witness();
    const { events$ } = hub.channel('news');
    const subscribe = (): unknown =>
      events$
        .pipe(
          tap(() => witness.note('operator')),
          map(({ data }) => data),
        )
        .subscribe({ next: () => witness.note('next'), complete: () => witness.note('complete') });
    if (subscriber === undefined) {
      subscribe();
    } else {
      who.run(subscriber, subscribe);
    }
    await settled();
    await who.run('publisher', () => hub.publish('news', { data: 1 }));
    await who.run('closer', () => hub.close());
    expect(witness.seen).toEqual({ operator: subscriber, next: subscriber, complete: subscriber });
  });

  it('of one of many subscribers is nobody else’s', async () => {
    const { hub } = setUpHub();
    const seen: unknown[] = [];
    for (const name of ['a', 'b']) {
      who.run(name, () => hub.channel('news').events$.subscribe(() => seen.push(who.getStore())));
    }
    await settled();
    await who.run('publisher', () => hub.publish('news', { data: 1 }));
    expect(seen).toEqual(['a', 'b']);
  });

  it('of a subscriber of lifecycle$ is its own', async () => {
    const { hub } = setUpHub();
    const seen: unknown[] = [];
    who.run('watcher', () => hub.lifecycle$.subscribe(({ kind }) => seen.push(`${kind} ${who.getStore()}`)));
    const { connection } = await who.run('request', () => openClient(hub, ['news']));
    who.run('closer', () => connection.close());
    expect(seen).toEqual(['open watcher', 'close watcher']);
  });

  it('of an attached source is that of attach(), and ends in it', async () => {
    const { hub, clock } = setUpHub();
    const witness = new Witness();
    const source = witness.source(new Subject());
    who.run('owner', () => hub.attach('news', source, { lingerMs: 1_000 }));
    const { connection } = await who.run('request', () => openClient(hub, ['news']));
    await settled();
    who.run('closer', () => connection.close());
    who.run('timer', () => clock.advance(1_000));
    expect(witness.seen).toEqual({ subscribe: 'owner', teardown: 'owner' });
  });

  it('of a job’s producer is that of start(), also when it is cancelled', async () => {
    const { hub } = setUpHub();
    const witness = new Witness();
    const jobs = new Jobs(hub, () => undefined);
    const job = who.run('starter', () =>
      jobs.start('job', (signal) => {
        witness.note('producer');
        signal.addEventListener('abort', () => witness.note('abort'));
        return merge(witness.source(new Subject()).pipe(finalize(() => witness.note('finalize'))));
      }),
    );
    await settled();
    who.run('canceller', () => job.cancel());
    await job.done;
    const own = 'starter';
    expect(witness.seen).toEqual({
      producer: own,
      subscribe: own,
      abort: own,
      teardown: own,
      finalize: own,
    });
  });

  it('of a listener to a connection’s signal is that of the one who has asked for it', async () => {
    const { hub } = setUpHub();
    const witness = new Witness();
    const { connection } = await openClient(hub, ['news']);
    who.run('handler', () => connection.signal.addEventListener('abort', () => witness.note('abort')));
    who.run('closer', () => connection.close());
    expect(witness.seen).toEqual({ abort: 'handler' });
    expect(connection.signal.aborted).toBe(true);
  });

  it('of a report of errors is the hub’s', async () => {
    const seen: unknown[] = [];
    const onError = (): unknown => seen.push(who.getStore());
    const hub = who.run('hub', () => new Hub(hubDefaults, { clock: new HandClock(), onError }));
    const { connection } = await openClient(hub, ['news']);
    who.run('closer', () => connection.fail(new Error('failed')));
    expect(seen).toEqual(['hub']);
  });

  it('of a fan-out is not that of one of its publishers', async () => {
    const { hub } = who.run('hub', () => setUpHub());
    const transport = new WitnessTransport();
    await who.run('request', () => openClient(hub, ['news'], { transport }));
    await settled();
    transport.writers.length = 0;
    await who.run('publisher', () => hub.publish('news', { data: 1 }));
    await settled();
    expect(transport.writers).toEqual(['hub']);
  });

  it('of a timer is the wheel’s, and not that of the first who schedules', async () => {
    const wheel = who.run('wheel', () => new TimerWheel());
    const task = (name: string, delayMs: number): Promise<unknown> =>
      new Promise((resolve) => {
        who.run(name, () => wheel.schedule(delayMs, () => resolve(who.getStore())));
      });
    // The wheel's own keeps no process alive.
    const alive = setInterval(() => undefined, 10);
    const seen = await Promise.all([task('publisher', 0), task('another', 40)]);
    clearInterval(alive);
    expect(seen).toEqual(['wheel', 'wheel']);
  });
});
