import type { Block } from '../event-stream.js';
import type { ConnectionState } from '../snapshot.js';
import type { Source, SourceContext } from '../source.js';
import { createMakeUp } from './make-up.js';
import { type PassedPlaces, PLACES } from './passed-places.js';
import { type SentState, type Told, received } from './tab-message.js';

export interface FollowerHandlers {
  change(this: void, state: Partial<ConnectionState>): void;
  /** Has the leader say how its connection is. */
  ask(this: void): void;
}

/** A tab that is told by another what the stream brings. */
export interface Follower {
  take(message: Told): void;
  reconnect(): void;
  stop(): void;
}

/**
 * Takes a block if it follows where this tab has been, leaves it out if the tab has had it, and otherwise makes up what is
 * missing: ARCHITECTURE.md, "One connection for all tabs".
 */
export function createFollower(
  context: SourceContext,
  places: PassedPlaces,
  { change, ask }: FollowerHandlers,
): Follower {
  const { cursor, sink } = context;
  /** How the leader's connection is. */
  let state: SentState | undefined;
  let makeUp: Source | undefined;
  /** What waits while the tab makes up. */
  let held: Told[] = [];
  /** How many of these came before it asked: what the answer doesn't bring of them is old. */
  let before = 0;
  /** The place of a state that has been made up to. */
  let madeUp: string | undefined;
  /** The server can't be asked for what is missing: whatever comes is taken. */
  let blind = false;

  function deliver(block: Block): void {
    places.pass(block);
    sink.block(block);
  }

  /** @returns false if something before it may be missing */
  function place({ after, block }: Told): boolean {
    const follows = blind || places.has(after);
    if (!block) {
      // Of a stream that is nowhere yet nothing can be missing.
      const known = follows || after === '' || after === madeUp;
      madeUp = after;
      return known;
    }
    const { id, type } = block;
    const isNew = id === undefined ? follows || type !== 'sse:gap' : follows && !places.has(id);
    if (isNew || after === cursor.id) {
      deliver(block);
    }
    return follows || id === undefined || places.has(id);
  }

  function goOn(): void {
    for (; held[0]; held.shift()) {
      if (!place(held[0]) && before < 1) {
        before = held.length;
        // As a first poll again, at the pace of any.
        makeUp?.reconnect();
        return;
      }
      before -= 1;
    }
    if (makeUp) {
      stop();
      show(state);
    }
  }

  function show(told: SentState | undefined): void {
    if (told) {
      change({ ...received(told), transport: 'shared' });
    }
  }

  function stop(): void {
    held = [];
    makeUp?.close();
    makeUp = undefined;
  }

  return {
    take(message) {
      if (message.state) {
        state = { ...state, ...message.state };
      } else if (state?.status !== 'open') {
        // Only an open stream brings blocks: it has missed that.
        ask();
      }
      if (makeUp) {
        held.push(message);
        if (held.length > PLACES) {
          held.shift();
          before -= 1;
        }
      } else if (place(message)) {
        show(message.state);
      } else {
        held = [message];
        before = 1;
        makeUp = createMakeUp(context, {
          block: deliver,
          change,
          done: goOn,
          impossible() {
            blind = true;
            goOn();
          },
        });
        makeUp.open();
      }
    },
    reconnect() {
      makeUp?.reconnect();
    },
    stop,
  };
}
