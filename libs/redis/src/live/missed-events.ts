import type { BrokerEvent, EventId } from '@nestcast/hub';
import type { RedisLog } from '../log/redis-log.js';

/** Channels a call: enough for few of them, few enough for Redis to do other things in between. */
const CHUNK = 500;
/** With more than these a node doesn't carry what was missed itself: its readers read on where they are. */
const MAX_EVENTS = 10_000;
const MAX_LENGTH = 32 * 2 ** 20;

export interface MissedEvents {
  /** In order. */
  readonly events: readonly BrokerEvent[];
  /** The channels of which some are gone, or there are too many. */
  readonly lost: ReadonlySet<string>;
  /** Where to go on: nothing up to here is left to read. */
  readonly cursor: EventId;
  /** The same as a place. */
  readonly place: number;
}

/** Reads from the log what the channels have had after a cursor. */
export async function readMissedEvents(
  log: Pick<RedisLog, 'replay'>,
  channels: readonly string[],
  after: EventId,
): Promise<MissedEvents> {
  // The same end for all chunks, so that they make one order.
  const { cursor, seq: place } = await log.replay([], 'now', 1);
  const events: BrokerEvent[] = [];
  const lost = new Set<string>();
  let length = 0;
  for (let from = 0; from < channels.length; from += CHUNK) {
    const chunk = channels.slice(from, from + CHUNK);
    for (let start = after, more = true; more;) {
      const page = await log.replay(chunk, { after: start }, MAX_EVENTS, place);
      page.gap?.channels.forEach((channel) => lost.add(channel));
      page.events.forEach(({ data }) => (length += data?.length ?? 0));
      events.push(...page.events);
      if (events.length > MAX_EVENTS || length > MAX_LENGTH) {
        return { events: [], lost: new Set(channels), cursor, place };
      }
      ({ more, cursor: start } = page);
    }
  }
  events.sort((one, other) => one.seq - other.seq);
  return { events, lost, cursor, place };
}
