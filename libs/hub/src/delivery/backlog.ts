import type { EventId, EventRecord } from '../event.js';

/** An event that waits for a client which reads too slowly. */
export type Waiting = EventRecord & { readonly id: EventId; readonly channel?: string };

/** What a client that reads too slowly still has to get, as the overflow policy leaves it. */
export interface Backlog<E extends Waiting> {
  add(event: E): void;
  /** Bytes of the events' fields. */
  readonly bytes: number;
  /** In the order in which they were added. */
  events(): Iterable<E>;
}

/** The newest event of every key of a channel, and all events without a key. */
export class ConflatedBacklog<E extends Waiting> implements Backlog<E> {
  bytes = 0;
  /** Events by channel and key, those without a key by themselves: a Map keeps the order of insertion. */
  private readonly newest = new Map<unknown, E>();

  add(event: E): void {
    const key = event.key === undefined ? event : JSON.stringify([event.channel, event.key]);
    const superseded = this.newest.get(key);
    if (superseded) {
      this.bytes -= bytesOf(superseded);
      this.newest.delete(key);
    }
    this.newest.set(key, event);
    this.bytes += bytesOf(event);
  }

  events(): Iterable<E> {
    return this.newest.values();
  }
}

/** The newest events that fit; at least one. */
export class NewestBacklog<E extends Waiting> implements Backlog<E> {
  bytes = 0;
  private kept: E[] = [];
  private start = 0;
  /** How many of them a client sees: the mark of a job's end is none of its events. */
  private visible = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly onLost: (event: E) => void,
  ) {}

  add(event: E): void {
    this.kept.push(event);
    this.bytes += bytesOf(event);
    this.visible += event.final ? 0 : 1;
    while (this.bytes > this.maxBytes && this.visible > 1) {
      this.dropOldest();
    }
    if (this.start * 2 > this.kept.length) {
      this.kept = this.kept.slice(this.start);
      this.start = 0;
    }
  }

  events(): Iterable<E> {
    return this.kept.slice(this.start);
  }

  private dropOldest(): void {
    const oldest = this.kept[this.start] as E;
    this.start += 1;
    this.bytes -= bytesOf(oldest);
    if (!oldest.final) {
      this.visible -= 1;
      this.onLost(oldest);
    }
  }
}

function bytesOf({ type, data, id, final }: Waiting): number {
  return final ? 0 : type.length + Buffer.byteLength(data ?? '') + id.length;
}
