import { describe, expect, it } from '@jest/globals';
import { Observable, Subject, from, throwError } from 'rxjs';
import type { SseEvent } from './event.js';
import { Jobs, type Producer } from './jobs.js';
import { caught } from './spec-support/caught.js';
import { type HubFixture, openClient, setUpHub, settled } from './spec-support/hub-fixture.js';

const TWO: SseEvent[] = [{ data: '1' }, { data: '2' }];
const never = new Promise<never>(() => undefined);

async function* later(): AsyncGenerator<SseEvent> {
  yield* TWO;
}

function* broken(): Generator<SseEvent> {
  yield* [];
  throw new Error('broken');
}

function setUp(): HubFixture & { readonly jobs: Jobs } {
  const fixture = setUpHub();
  const jobs = new Jobs(fixture.hub, (error, what) => fixture.errors.push(`${what}: ${String(error)}`));
  return { ...fixture, jobs };
}

/** What the channel's log has: the texts, and the end as `END`. */
async function logOf({ broker }: HubFixture, channel = 'job'): Promise<(string | undefined)[]> {
  const { events } = await broker.replay([channel], 'start', 100);
  return events.map(({ data, final }) => (final ? 'END' : data));
}

describe('a job', () => {
  const producers: { readonly [name: string]: Producer } = {
    'an iterable': TWO,
    'an async iterable': later(),
    'an Observable': from(TWO),
    'a function': () => TWO,
    'an async function': async () => later(),
    'a function that gives an Observable': () => from(TWO),
  };
  for (const [name, producer] of Object.entries(producers)) {
    it(`publishes what ${name} yields, and marks the end`, async () => {
      const fixture = setUp();
      const job = fixture.jobs.start('job', producer);
      expect(job.channel).toBe('job');
      await job.done;
      expect(await logOf(fixture)).toEqual(['1', '2', 'END']);
    });
  }

  it('reaches clients live, late and again, and closes them at the end', async () => {
    const fixture = setUp();
    const source = new Subject<SseEvent>();
    const job = fixture.jobs.start('job', source);
    await settled();
    source.next({ data: '1' });
    const live = await openClient(fixture.hub, [fixture.hub.channel('job').fromStart()]);
    source.next({ data: '2' });
    source.complete();
    await job.done;
    await settled();
    const late = await openClient(fixture.hub, [fixture.hub.channel('job').fromStart()]);
    await settled();
    for (const { data, connection } of [live, late]) {
      expect([data, connection.closeReason]).toEqual([['1', '2'], 'complete']);
    }
  });

  it('is one a channel', async () => {
    const fixture = setUp();
    const job = fixture.jobs.start('job', () => never);
    const error = await caught(() => fixture.jobs.start('job', TWO));
    expect([error.code, error.message]).toEqual(['JOB_RUNNING', expect.stringContaining('"job"')]);
    await fixture.jobs.start('other', TWO).done;
    job.cancel();
    await job.done;
    await fixture.jobs.start('job', TWO).done;
    expect(await logOf(fixture)).toEqual(['END', '1', '2', 'END']);
  });

  it('is still one while its end is being marked', async () => {
    const fixture = setUp();
    const marks: (() => void)[] = [];
    const publish = fixture.broker.publish.bind(fixture.broker);
    fixture.broker.publish = async (channel, event) => {
      await new Promise<void>((resolve) => marks.push(resolve));
      return publish(channel, event);
    };
    const job = fixture.jobs.start('job', []);
    await settled();
    expect((await caught(() => fixture.jobs.start('job', TWO))).code).toBe('JOB_RUNNING');
    marks.forEach((mark) => mark());
    await job.done;
    fixture.broker.publish = publish;
    await fixture.jobs.start('job', TWO).done;
    expect(await logOf(fixture)).toEqual(['END', '1', '2', 'END']);
  });

  it('refuses a bad channel name', async () => {
    expect((await caught(() => setUp().jobs.start('', TWO))).code).toBe('INVALID_CHANNEL_NAME');
  });

  const failures: { readonly [name: string]: Producer } = {
    'a producer that throws': () => {
      throw new Error('broken');
    },
    'a producer that rejects': () => Promise.reject(new Error('broken')),
    'an Observable that errors': throwError(() => new Error('broken')),
    'an iterable that throws': broken(),
  };
  for (const [name, producer] of Object.entries(failures)) {
    it(`rejects and is reported, and its end is marked: ${name}`, async () => {
      const fixture = setUp();
      await expect(fixture.jobs.start('job', producer).done).rejects.toThrow('broken');
      await settled();
      expect(fixture.errors).toEqual(['the job of the channel job: Error: broken']);
      expect(await logOf(fixture)).toEqual(['END']);
    });
  }

  it('ends at an event that can’t be written, after those before it', async () => {
    const fixture = setUp();
    const job = fixture.jobs.start('job', [{ data: '1' }, { data: 1n }, { data: '3' }]);
    expect((await caught(() => job.done)).code).toBe('INVALID_EVENT_DATA');
    expect(await logOf(fixture)).toEqual(['1', 'END']);
  });

  it('rejects with the broker’s error', async () => {
    const fixture = setUp();
    fixture.broker.failing = { publish: new Error('down') };
    await expect(fixture.jobs.start('job', TWO).done).rejects.toThrow('down');
    expect(() => fixture.jobs.start('job', TWO)).not.toThrow();
    await settled();
    // Of each of the two: that its events, and that its end could not be published.
    expect(fixture.errors.filter((what) => what.startsWith('marking the end'))).toHaveLength(2);
    expect(fixture.errors.filter((what) => what.startsWith('the job'))).toHaveLength(2);
  });
});

describe('cancel', () => {
  it('stops a producer that waits, aborts its signal, and marks the end', async () => {
    const fixture = setUp();
    let signal: AbortSignal | undefined;
    const job = fixture.jobs.start('job', (given) => {
      signal = given;
      return never;
    });
    await settled();
    expect(signal?.aborted).toBe(false);
    job.cancel();
    await job.done;
    expect(signal?.aborted).toBe(true);
    expect(await logOf(fixture)).toEqual(['END']);
  });

  it('unsubscribes from an Observable', async () => {
    const fixture = setUp();
    const source = new Subject<SseEvent>();
    const job = fixture.jobs.start('job', source);
    await settled();
    source.next({ data: '1' });
    job.cancel();
    await job.done;
    expect(source.observed).toBe(false);
    expect(await logOf(fixture)).toEqual(['1', 'END']);
  });

  it('returns a generator', async () => {
    const fixture = setUp();
    let cleaned = false;
    async function* endless(): AsyncGenerator<SseEvent> {
      try {
        for (let count = 1; ; count += 1) {
          yield { data: String(count) };
          await settled();
        }
      } finally {
        cleaned = true;
      }
    }
    const job = fixture.jobs.start('job', endless());
    await settled();
    job.cancel();
    await job.done;
    await settled();
    await settled();
    expect([cleaned, (await logOf(fixture)).at(-1)]).toEqual([true, 'END']);
  });

  it('may come at once: nothing is started then', async () => {
    let started = 0;
    const observable = new Observable<SseEvent>(() => void (started += 1));
    for (const producer of [observable, () => observable, () => ((started += 1), TWO)]) {
      const fixture = setUp();
      const job = fixture.jobs.start('job', producer);
      job.cancel();
      await job.done;
      expect([started, await logOf(fixture)]).toEqual([0, ['END']]);
    }
  });

  it('of all ends all, also one that is about to end', async () => {
    const fixture = setUp();
    const jobs = [fixture.jobs.start('a', () => never), fixture.jobs.start('b', new Subject<SseEvent>())];
    jobs.push(fixture.jobs.start('c', []));
    await fixture.jobs.cancelAll();
    for (const { channel } of jobs) {
      expect([channel, await logOf(fixture, channel)]).toEqual([channel, ['END']]);
    }
  });

  it('does nothing after the end', async () => {
    const fixture = setUp();
    const job = fixture.jobs.start('job', TWO);
    await job.done;
    job.cancel();
    await settled();
    expect(await logOf(fixture)).toEqual(['1', '2', 'END']);
  });
});
