import type { BrokerEvent, EventId } from '../event.js';
import { eventFrame } from '../protocol/frame.js';
import { Payload } from '../protocol/payload.js';

/** Events for the same audience, in id order, that leave in one write; encoded once per wire format. */
export class Batch {
  readonly payload: Payload;
  /** The place of the first and of the last numbered event; of none: past the end, so that nobody has seen it. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** The id of the last numbered event; empty if there is none. */
  readonly lastId: EventId;
  /** How many events a client sees in it: the mark of a job's end is none. */
  readonly count: number;
  /** Whether a channel has come to its end with it. */
  readonly final: boolean;

  constructor(readonly events: readonly BrokerEvent[]) {
    let text = '';
    let firstSeq = Number.POSITIVE_INFINITY;
    let lastSeq = 0;
    let lastId = '';
    let final = false;
    let count = 0;
    for (const event of events) {
      text += eventFrame(event, event.id);
      count += event.final ? 0 : 1;
      if (!event.ephemeral) {
        firstSeq = Math.min(firstSeq, event.seq);
        lastSeq = event.seq;
        lastId = event.id;
        final ||= event.final;
      }
    }
    this.payload = new Payload(text);
    this.firstSeq = firstSeq;
    this.lastSeq = lastSeq;
    this.lastId = lastId;
    this.final = final;
    this.count = count;
  }

  /** What of it a connection at the place `seq` has not been sent yet; `undefined`: nothing. */
  after(seq: number): Batch | undefined {
    if (seq < this.firstSeq) {
      return this;
    }
    const rest = this.events.filter((event) => event.ephemeral || event.seq > seq);
    return rest.length > 0 ? new Batch(rest) : undefined;
  }
}
