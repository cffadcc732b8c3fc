import type { EventId, EventRecord } from './event.js';

/**
 * Events of one channel that become one: `{ count, items: [{ type, data }, …] }`. Each was checked and serialised when it
 * was published, and its text is taken over as it is.
 */
export class EventBatch {
  /** The id of the batch event, for each who has published an item; rejects with the broker's error. */
  readonly published: Promise<EventId>;

  private items = '';
  private size = 0;
  private retryMs: number | undefined;
  private trace: string | undefined;
  private resolve: (id: Promise<EventId>) => void = () => undefined;

  /** @param ephemeral whether all its items are, or none */
  constructor(
    private readonly type: string,
    readonly ephemeral: boolean,
  ) {
    this.published = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  get count(): number {
    return this.size;
  }

  add(record: EventRecord): void {
    this.items += this.size > 0 ? `,${itemOf(record)}` : itemOf(record);
    this.size += 1;
    this.retryMs = record.retryMs ?? this.retryMs;
    if (record.trace !== undefined) {
      this.trace = this.trace === undefined ? record.trace : `${this.trace} ${record.trace}`;
    }
  }

  /** The batch event. It has no key, because its items may have different ones. */
  toRecord(): EventRecord {
    return {
      type: this.type,
      data: `{"count":${this.size},"items":[${this.items}]}`,
      json: true,
      key: undefined,
      ephemeral: this.ephemeral,
      retryMs: this.retryMs,
      final: false,
      trace: this.trace,
    };
  }

  /** Tells those who have published an item what has become of it. */
  settle(id: Promise<EventId>): void {
    this.resolve(id);
  }
}

/** An item's JSON. What it has none of is left out. */
function itemOf({ type, data, json }: EventRecord): string {
  const fields: string[] = [];
  if (type !== '') {
    fields.push(`"type":${JSON.stringify(type)}`);
  }
  if (data !== undefined) {
    fields.push(`"data":${json ? data : JSON.stringify(data)}`);
  }
  return `{${fields.join()}}`;
}
