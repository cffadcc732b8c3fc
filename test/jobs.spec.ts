import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Job, SseChannel, SseChannelRegistry, type SseEvent, SseJobs } from '@nestcast/sse';
import { Controller, Param } from '@nestjs/common';
import { Observable, Subject, of } from 'rxjs';
import { deferred } from './support/deferred.js';
import { nextClose } from './support/lifecycle.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

@Controller('jobs')
class JobsController {
  constructor(private readonly channels: SseChannelRegistry) {}

  @SseChannel(':id')
  job(@Param('id') id: string) {
    return this.channels.channel(`job/${id}`).fromStart();
  }

  @SseChannel(':id/and-news')
  jobAndNews(@Param('id') id: string) {
    return [this.channels.channel(`job/${id}`).fromStart(), 'news'];
  }
}

const token = (data: string): SseEvent => ({ type: 'token', data });

const texts = (events: readonly { data: string }[]): string[] => events.map(({ data }) => data);

describe.each(adapters)('a job on %s', (adapter) => {
  let app: TestApp;
  let jobs: SseJobs;
  let tokens: Subject<SseEvent>;
  beforeEach(async () => {
    app = await startApp(adapter, { controllers: [JobsController] });
    jobs = app.app.get(SseJobs);
    tokens = new Subject();
  });
  afterEach(() => app.close());

  /** Starts a job that yields what `tokens` emits, and waits until it listens. */
  async function start(id = '1'): Promise<Job> {
    const running = deferred();
    const source = new Observable<SseEvent>((subscriber) => {
      running.resolve();
      return tokens.subscribe(subscriber);
    });
    const job = jobs.start(`job/${id}`, source);
    await running.promise;
    return job;
  }

  it('runs on without its client, which resumes where it was', async () => {
    const job = await start();
    const stream = await app.open('/jobs/1');
    tokens.next(token('a'));
    tokens.next(token('b'));
    expect(texts(await stream.take(2))).toEqual(['a', 'b']);
    const closed = nextClose(app);
    await stream.abort();
    await closed;
    tokens.next(token('c'));
    await turn();
    const back = await app.open('/jobs/1', { lastEventId: stream.lastEventId });
    expect(texts(await back.take(1))).toEqual(['c']);
    tokens.next(token('d'));
    tokens.complete();
    await job.done;
    expect(texts(await back.take(1))).toEqual(['d']);
    expect(await back.control('sse:goodbye')).toEqual({ reason: 'complete' });
    expect(await back.ended).toBe('end');
  });

  it('gives a late client all of it from the start, and then the rest', async () => {
    await start();
    tokens.next(token('a'));
    tokens.next(token('b'));
    await turn();
    const late = await app.open('/jobs/1');
    expect(texts(await late.take(2))).toEqual(['a', 'b']);
    tokens.next(token('c'));
    tokens.complete();
    expect(texts(await late.take(1))).toEqual(['c']);
    expect(await late.control('sse:goodbye')).toEqual({ reason: 'complete' });
  });

  it('that has ended is all there for a first visit, and answers 204 to one that has seen it', async () => {
    const job = jobs.start('job/1', of(token('a'), token('b')));
    await job.done;
    const first = await app.open('/jobs/1');
    expect(texts(await first.take(2))).toEqual(['a', 'b']);
    expect(await first.control('sse:goodbye')).toEqual({ reason: 'complete' });
    expect(await first.ended).toBe('end');
    const again = await app.open('/jobs/1', { lastEventId: first.lastEventId });
    expect(again.status).toBe(204);
    expect(await again.ended).toBe('end');
    expect(app.channels.stats()).toMatchObject({ connections: 0, channels: 0, opens: 1 });
  });

  it('answers 204 to one that has all events and has forgotten the id alone that marks the end', async () => {
    await jobs.start('job/1', of(token('a'), token('b'))).done;
    const first = await app.open('/jobs/1');
    const [, last] = await first.take(2);
    expect(await first.control('sse:goodbye')).toEqual({ reason: 'complete' });
    expect(first.lastEventId).not.toBe(last?.id);
    const again = await app.open('/jobs/1', { lastEventId: last?.id });
    expect([again.status, await again.ended]).toEqual([204, 'end']);
    expect(app.channels.stats()).toMatchObject({ connections: 0, channels: 0, opens: 1 });
  });

  it('leaves a client that has other channels with them', async () => {
    const job = await start();
    const stream = await app.open('/jobs/1/and-news');
    tokens.next(token('a'));
    tokens.complete();
    await job.done;
    await app.channels.publish('news', { data: 'go on' });
    expect(texts(await stream.take(2))).toEqual(['a', 'go on']);
    const resumed = await app.open('/jobs/1/and-news', { lastEventId: stream.lastEventId });
    expect(resumed.status).toBe(200);
  });

  it.each([
    ['an iterable', [token('a'), token('b')]],
    ['a function', async () => Promise.resolve(of(token('a'), token('b')))],
    [
      'a generator',
      async function* () {
        yield token('a');
        await turn();
        yield token('b');
      },
    ],
  ])('may be %s', async (_, producer) => {
    const stream = await app.open('/jobs/1');
    await stream.connectionId();
    await jobs.start('job/1', producer).done;
    expect(texts(await stream.take(2))).toEqual(['a', 'b']);
    expect(await stream.control('sse:goodbye')).toEqual({ reason: 'complete' });
  });

  it('that fails rejects and is logged; its clients have come to the end', async () => {
    const stream = await app.open('/jobs/1');
    await stream.connectionId();
    const job = await start();
    const failed = expect(job.done).rejects.toThrow('model crashed');
    tokens.next(token('a'));
    tokens.error(new Error('model crashed'));
    await failed;
    expect(texts(await stream.take(1))).toEqual(['a']);
    expect(await stream.control('sse:goodbye')).toEqual({ reason: 'complete' });
    expect(app.logger.errors).toEqual([expect.stringContaining('model crashed')]);
  });

  it('that is cancelled tells its producer, keeps what it has published, and ends', async () => {
    const aborted = deferred<unknown>();
    const stream = await app.open('/jobs/1');
    await stream.connectionId();
    const job = jobs.start('job/1', async function* (signal: AbortSignal) {
      signal.addEventListener('abort', () => aborted.resolve(signal.aborted));
      yield token('a');
      await new Promise(() => undefined);
    });
    expect(texts(await stream.take(1))).toEqual(['a']);
    job.cancel();
    await job.done;
    expect(await aborted.promise).toBe(true);
    expect(await stream.control('sse:goodbye')).toEqual({ reason: 'complete' });
    expect(app.logger.errors).toEqual([]);
  });

  it('has a channel to itself until it has ended', async () => {
    const job = await start();
    expect(() => jobs.start('job/1', of(token('x')))).toThrow(
      expect.objectContaining({ code: 'JOB_RUNNING' }),
    );
    expect(() => jobs.start('', of(token('x')))).toThrow(
      expect.objectContaining({ code: 'INVALID_CHANNEL_NAME' }),
    );
    tokens.complete();
    await job.done;
    await jobs.start('job/1', of(token('second'))).done;
    const stream = await app.open('/jobs/1');
    expect(await stream.next()).toMatchObject({ data: 'second' });
  });

  it('ends with the application', async () => {
    const job = await start();
    await app.app.close();
    await job.done;
    expect(tokens.observed).toBe(false);
  });
});
