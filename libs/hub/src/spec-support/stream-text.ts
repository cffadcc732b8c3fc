import { createParser } from 'eventsource-parser';

export interface ReadEvent {
  readonly type: string;
  readonly data: string;
  readonly id: string | undefined;
}

export interface ReadStream {
  readonly events: readonly ReadEvent[];
  readonly comments: readonly string[];
  readonly retries: readonly number[];
  readonly errors: readonly string[];
}

/** Reads a whole stream as a client does, with another project's parser. */
export function readStream(text: string): ReadStream {
  const events: ReadEvent[] = [];
  const comments: string[] = [];
  const retries: number[] = [];
  const errors: string[] = [];
  const parser = createParser({
    onEvent: ({ event = 'message', data, id }) => events.push({ type: event, data, id }),
    onComment: (comment) => comments.push(comment),
    onRetry: (ms) => retries.push(ms),
    onError: (error) => errors.push(error.message),
  });
  parser.feed(text);
  return { events, comments, retries, errors };
}

/** The data of the application's own events, in the order in which they came. */
export function dataOf(text: string): string[] {
  return readStream(text)
    .events.filter(({ type }) => !type.startsWith('sse:'))
    .map(({ data }) => data);
}

/** The data of the hub's own events of one type. */
export function controlsOf(text: string, type: `sse:${string}`): unknown[] {
  return readStream(text)
    .events.filter((event) => event.type === type)
    .map(({ data }): unknown => JSON.parse(data));
}
