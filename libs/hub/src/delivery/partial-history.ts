import type { Replay } from '../broker/broker.js';
import type { BrokerEvent } from '../event.js';

/** The history of a client that wants only some of its channels from the start. */
export class PartialHistory {
  constructor(
    /** The place where the other channels begin. */
    private readonly through: number,
    private readonly channels: ReadonlySet<string>,
  ) {}

  wants({ channel, seq }: BrokerEvent): boolean {
    return seq > this.through || this.channels.has(channel);
  }

  /** A page after a place, without a gap in what isn't wanted. */
  page(page: Replay, after: number): Replay {
    if (!page.gap || after >= this.through) {
      return page;
    }
    const { gap, ...rest } = page;
    const channels = gap.channels.filter((name) => this.channels.has(name));
    return channels.length > 0 ? { ...rest, gap: { ...gap, channels } } : { ...rest, complete: true };
  }
}
