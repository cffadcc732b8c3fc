import type { Block } from '../event-stream.js';
import type { Cursor } from '../source.js';

/** How many of the newest are known. No tab lags behind another by so much, and as many messages are held back at the most. */
export const PLACES = 1_024;

/** The last event ids up to which a tab has had everything: its cursor, and those before it. */
export interface PassedPlaces {
  has(id: string): boolean;
  add(id: string): void;
  /** Notes the place that a block moves the tab to, before it is there. */
  pass(block: Block): void;
}

export function createPassedPlaces(cursor: Cursor): PassedPlaces {
  const ids = new Set<string>();
  const places: PassedPlaces = {
    has: (id) => id === cursor.id || ids.has(id),
    add(id) {
      // The newest are at the end. The beginning of a stream has no id: it is nothing that a tab can be past.
      ids.delete(id);
      if (id !== '') {
        ids.add(id);
      }
      if (ids.size > PLACES) {
        ids.delete(ids.values().next().value as string);
      }
    },
    pass({ type, id }) {
      if (type === 'sse:gap') {
        // What follows a place before the gap may not have come.
        ids.clear();
      }
      if (id !== undefined) {
        places.add(id);
      }
    },
  };
  return places;
}
