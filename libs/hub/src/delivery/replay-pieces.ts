import type { BrokerEvent } from '../event.js';
import { eventFrame } from '../protocol/frame.js';

/** Events of the log as they are written at once. */
export interface ReplayPiece {
  readonly text: string;
  /** How many events a client sees in it. */
  readonly count: number;
  /** The last event that it covers, wanted or not. */
  readonly through: BrokerEvent;
}

/** How much of a page is written between two looks at how much waits for the client; characters. */
const PIECE = 64 * 1024;

/**
 * A page of the log in pieces, made as they are asked for; none if nothing of it is wanted.
 *
 * @param opening goes before the first event
 */
export function* replayPieces(
  events: readonly BrokerEvent[],
  wants: (event: BrokerEvent) => boolean,
  opening: string,
): Generator<ReplayPiece, void> {
  let text = opening;
  let count = 0;
  let wanted = 0;
  let through: BrokerEvent | undefined;
  for (through of events) {
    if (wants(through)) {
      text += eventFrame(through, through.id);
      count += through.final ? 0 : 1;
      wanted += 1;
    }
    if (wanted > 0 && text.length >= PIECE) {
      yield { text, count, through };
      text = '';
      count = 0;
      wanted = 0;
    }
  }
  if (wanted > 0 && through) {
    yield { text, count, through };
  }
}
