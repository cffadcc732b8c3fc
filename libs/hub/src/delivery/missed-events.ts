import type { Replay } from '../broker/broker.js';
import type { BrokerEvent } from '../event.js';
import type { GapData } from '../protocol/control-event.js';
import { type Backlog, ConflatedBacklog, NewestBacklog } from './backlog.js';

type Gap = Omit<GapData, 'id'>;

/** What a client gets of the log at once; a gap is the broker's, or the overflow policy's. */
export type Page = Omit<Replay, 'complete' | 'gap'> & { readonly gap?: Gap | undefined };

export interface KeepingPolicy {
  readonly policy: 'conflate' | 'drop-oldest';
  readonly maxBufferedBytes: number;
}

/**
 * Reads all that the log has after a place, and keeps what the policy does: of events with a key the newest, or the newest
 * of all that fit, after a gap if that isn't all. It holds events of the log, not copies, for as long as it reads.
 */
export async function readMissed(
  from: Pick<Page, 'cursor' | 'seq'>,
  read: (from: Pick<Page, 'cursor' | 'seq'>) => Promise<Page>,
  wants: (event: BrokerEvent) => boolean,
  { policy, maxBufferedBytes }: KeepingPolicy,
): Promise<Page> {
  const lostOf = new Set<string>();
  const backlog: Backlog<BrokerEvent> =
    policy === 'conflate'
      ? new ConflatedBacklog()
      : new NewestBacklog(maxBufferedBytes, ({ channel }) => lostOf.add(channel));
  let page = await read(from);
  let { gap } = page;
  page.events.filter(wants).forEach((event) => backlog.add(event));
  while (page.more) {
    page = await read(page);
    gap = both(gap, page.gap);
    page.events.filter(wants).forEach((event) => backlog.add(event));
  }
  if (lostOf.size > 0) {
    gap = both(gap, { reason: 'overflow', channels: [...lostOf] });
  }
  return { ...page, events: [...backlog.events()], gap };
}

/** The first one's reason, and the channels of both. */
function both(gap: Gap | undefined, other: Gap | undefined): Gap | undefined {
  if (!gap || !other) {
    return gap ?? other;
  }
  return { reason: gap.reason, channels: [...new Set([...gap.channels, ...other.channels])] };
}
