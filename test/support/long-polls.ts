import type { SseStream } from '@nestcast/testing';
import { nextOpen } from './lifecycle.js';
import type { TestApp } from './nest-app.js';
import { until } from './until.js';

export interface PollOptions {
  /** Default `wait=20`. */
  readonly prefer?: string;
  /** Default `/news`. */
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly method?: string;
}

/** Sends a long poll; its headers are there at once, its end is what one waits for. */
export function openPoll(
  app: TestApp,
  lastEventId: string,
  { prefer = 'wait=20', path = '/news', ...options }: PollOptions = {},
): Promise<SseStream> {
  const headers = { ...options.headers, prefer };
  return app.open(path, { ...options, lastEventId, headers });
}

/** The same, once it waits for events. */
export async function waitingPoll(
  app: TestApp,
  lastEventId: string,
  options: PollOptions = {},
): Promise<SseStream> {
  const opened = nextOpen(app);
  const stream = await openPoll(app, lastEventId, options);
  const connection = await opened;
  await until(() => connection.state === 'live');
  return stream;
}

export interface PollAnswer {
  readonly data: string[];
  /** The id to come back with. */
  readonly place: string;
  /** Types of the control events, in order. */
  readonly controls: string[];
}

/** What an answer has, once it is whole. */
export async function answerOf(stream: SseStream): Promise<PollAnswer> {
  await stream.body();
  const controls = stream.received.filter(({ type }) => type.startsWith('sse:'));
  const events = stream.received.filter((event) => !controls.includes(event));
  return {
    data: events.map(({ data }) => data),
    place: stream.lastEventId,
    controls: controls.map(({ type }) => type),
  };
}
