import type { Replay, ReplayStart } from '../broker/broker.js';
import type { EventId } from '../event.js';
import { PartialHistory } from './partial-history.js';

/** Where a way through the log begins: after an id, or from now on, but for these channels from the start of what it has. */
export type ReaderStart = { readonly after: EventId } | { readonly fromStart: readonly string[] };

/**
 * The id that the client has before it gets its first event, so that one cut off before it still resumes. After a gap, and
 * where it gets history, there is none yet: the first event that the log still has brings it, or the end of the replay.
 */
export function primingId(first: Replay, start: ReaderStart): EventId | undefined {
  if (!first.complete || ('fromStart' in start && start.fromStart.length > 0)) {
    return undefined;
  }
  return 'after' in start ? start.after : first.cursor;
}

/**
 * The first page, with history only of the channels that want it.
 *
 * @param channels how many there are
 */
export async function firstPage(
  start: ReaderStart,
  channels: number,
  read: (from: ReplayStart) => Promise<Replay>,
): Promise<{ readonly page: Replay; readonly partial?: PartialHistory }> {
  if ('after' in start) {
    return { page: await read(start) };
  }
  const history = new Set(start.fromStart);
  if (history.size === 0 || history.size === channels) {
    return { page: await read(history.size === 0 ? 'now' : 'start') };
  }
  const { seq } = await read('now');
  const partial = new PartialHistory(seq, history);
  return { page: partial.page(await read('start'), 0), partial };
}
