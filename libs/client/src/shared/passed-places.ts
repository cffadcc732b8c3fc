import type { Block } from '../event-stream.js';
import type { Cursor } from '../source.js';

/** How many of the newest are known. No tab lags behind another by so much, and as many messages are held back at the most. */
export const PLACES = 1_024;

/** Where a tab has been: its cursor and the last event ids before it, with nothing missing between them. */
export interface PassedPlaces {
  has(id: string): boolean;
  /** Notes the place that a block moves the tab to, before it is there. */
  pass(block: Block): void;
}

export function createPassedPlaces(cursor: Cursor): PassedPlaces {
  const ids = new Set<string>(cursor.id === '' ? [] : [cursor.id]);
  return {
    has: (id) => id === cursor.id || ids.has(id),
    pass({ type, id }) {
      if (type === 'sse:gap') {
        // Something is missing after what was before.
        ids.clear();
      } else if (id !== undefined) {
        // The newest are at the end.
        ids.delete(id);
        ids.add(id);
        if (ids.size > PLACES) {
          ids.delete(ids.values().next().value as string);
        }
      }
    },
  };
}
