interface Entry {
  readonly seq: number;
  /** `undefined`: of another channel, nothing that is read here. */
  readonly data: string | undefined;
}

interface Reader {
  write(text: string): void;
  end(error?: Error): void;
}

/** How the server answers other than with a stream. */
type Refusal = (init: RequestInit) => Response | undefined;

/** A server with a log, as docs/wire.md says, behind a `fetch()`. */
export class LogServer {
  /** Whether a stream without a Last-Event-ID begins with all that there is. */
  fromStart = false;
  /** Whether it knows `Prefer`. */
  polls = true;
  /** The requests that it has had: the last event id of each, and whether it was a poll. */
  readonly requests: { readonly lastEventId: string | null; readonly poll: boolean }[] = [];
  refuse: Refusal = () => undefined;
  private readonly log: Entry[] = [];
  private seq = 0;
  private trimmedThrough = 0;
  private readonly readers = new Set<Reader>();

  /** Streams that are open. */
  get connections(): number {
    return this.readers.size;
  }

  /** What has been published. */
  get published(): string[] {
    return this.log.flatMap(({ data }) => data ?? []);
  }

  publish(data = `event ${this.seq + 1}`): void {
    this.seq += 1;
    this.log.push({ seq: this.seq, data });
    this.write(frame(this.seq, data));
  }

  /** Something that nobody reads here: the log's place moves on. */
  publishElsewhere(): void {
    this.seq += 1;
    this.log.push({ seq: this.seq, data: undefined });
  }

  /** To whoever is there. */
  publishEphemeral(data: string): void {
    this.write(`data: ${data}\n\n`);
  }

  write(text: string): void {
    this.readers.forEach((reader) => reader.write(text));
  }

  /** The log forgets what it has. */
  trim(): void {
    this.trimmedThrough = this.seq;
  }

  /** The streams end, as if the network had gone. */
  cut(): void {
    this.readers.forEach((reader) => reader.end(new TypeError('network error')));
  }

  readonly fetch = (_url: unknown, init: RequestInit = {}): Response => {
    const headers = new Headers(init.headers);
    const lastEventId = headers.get('Last-Event-ID');
    const poll = headers.has('Prefer');
    this.requests.push({ lastEventId, poll });
    return this.refuse(init) ?? this.answer(lastEventId, poll && this.polls, init.signal ?? undefined);
  };

  private answer(lastEventId: string | null, poll: boolean, signal: AbortSignal | undefined): Response {
    let reader: Reader | undefined;
    const gone = (): void => void (reader && this.readers.delete(reader));
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        const encoder = new TextEncoder();
        reader = {
          write: (text) => controller.enqueue(encoder.encode(text)),
          end: (error) => {
            gone();
            if (error) {
              controller.error(error);
            } else {
              controller.close();
            }
          },
        };
        signal?.addEventListener('abort', () => {
          if (reader && this.readers.has(reader)) {
            reader.end(signal.reason as Error);
          }
        });
        reader.write(this.beginning(lastEventId));
        if (poll) {
          reader.write(`id: e.${this.seq}\n\n`);
          reader.end();
        } else {
          this.readers.add(reader);
        }
      },
      cancel: gone,
    });
    const headers = { 'Content-Type': 'text/event-stream', ...(poll && { 'Preference-Applied': 'wait=0' }) };
    return new Response(body, { headers });
  }

  private beginning(lastEventId: string | null): string {
    const opening = `retry: 1\n\nevent: sse:connected\ndata: {"connectionId":"${this.requests.length}"}\n\n`;
    const after = lastEventId === null ? this.seq * Number(!this.fromStart) : Number(lastEventId.slice(2));
    const from = Math.max(after, this.trimmedThrough);
    const events = this.log.flatMap(({ seq, data }) =>
      seq > from && data !== undefined ? frame(seq, data) : [],
    );
    const gap = from > after ? `event: sse:gap\ndata: {"reason":"trimmed"}\n\n` : '';
    return `${opening}${gap}id: e.${from}\n\n${events.join('')}`;
  }
}

function frame(seq: number, data: string): string {
  return `id: e.${seq}\ndata: ${data}\n\n`;
}
