import type { Broker, ReplayStart } from './broker/broker.js';
import { type ChannelEvent, toChannelEvent } from './channel.js';
import { assertChannelName } from './channel-name.js';
import type { BrokerEvent } from './event.js';
import { SseError } from './sse-error.js';

/** How many events the log is asked for at once. */
const PAGE = 500;

/**
 * The newest events that the log has of the channels, at most `limit`, the oldest of them first.
 *
 * @throws SseError `INVALID_CHANNEL_NAME`, `INVALID_OPTION`, `BROKER_UNAVAILABLE` or `BROKER_CLOSED`, as a rejection
 */
export async function readHistory(
  broker: Broker,
  names: readonly string[],
  limit: number,
): Promise<ChannelEvent[]> {
  names.forEach((name) => assertChannelName(name));
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new SseError(
      'INVALID_OPTION',
      `history(): limit is a whole number above 0, but got ${String(limit)}.`,
    );
  }
  let newest: BrokerEvent[] = [];
  let from: ReplayStart = 'start';
  for (;;) {
    const { events, cursor, more } = await broker.replay(names, from, PAGE);
    newest = [...newest, ...events.filter(({ final }) => !final)].slice(-limit);
    if (!more) {
      return newest.map(toChannelEvent);
    }
    from = { after: cursor };
  }
}
