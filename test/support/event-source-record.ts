/** The interface of an EventSource, whoever has made it. */
export interface EventSourceLike extends EventTarget {
  readonly readyState: number;
  close(): void;
}

export type EventSourceClass = new (url: string, init?: { withCredentials?: boolean }) => EventSourceLike;

export interface RecordOptions {
  /** Events to listen to besides the standard's. */
  readonly types?: readonly string[];
  /** Closes it when that has been written. */
  readonly closeAt?: number;
  /** Has the server cut it off when that has been written. */
  readonly cutAt?: number;
  readonly withCredentials?: boolean;
}

/** What an EventSource has dispatched: type, readyState, and of a message its data, last event id and origin. */
export interface EventSourceRecord {
  readonly source: EventSourceLike;
  readonly lines: readonly string[];
  /** Resolves when there are so many lines. */
  has(count: number): Promise<void>;
}

/** Runs in pages and in Node.js alike. */
export function recordEventSource(
  Source: EventSourceClass,
  url: string,
  { types = [], closeAt, cutAt, withCredentials = false }: RecordOptions = {},
): EventSourceRecord {
  const source = new Source(url, { withCredentials });
  const lines = [`${source.readyState}`];
  const waiting = new Map<number, () => void>();
  for (const type of ['open', 'message', 'error', ...types]) {
    source.addEventListener(type, (event) => {
      const { data, lastEventId, origin } = event as MessageEvent;
      const told = data === undefined ? '' : ` ${JSON.stringify(data)} #${lastEventId} ${origin}`;
      lines.push(`${type} ${source.readyState}${told}`);
      if (lines.length === closeAt) {
        source.close();
        lines.push(`closed ${source.readyState}`);
      }
      if (lines.length === cutAt) {
        void fetch(`${url}/cut`);
      }
      waiting.get(lines.length)?.();
    });
  }
  const has = (count: number): Promise<void> =>
    new Promise((resolve) => (lines.length >= count ? resolve() : waiting.set(count, resolve)));
  return { source, lines, has };
}
