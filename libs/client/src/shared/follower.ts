import type { Block } from '../event-stream.js';
import type { ConnectionState } from '../snapshot.js';
import type { Source, SourceContext } from '../source.js';
import { createMakeUp } from './make-up.js';
import { type PassedPlaces, PLACES } from './passed-places.js';
import { type SentState, type Told, received } from './tab-message.js';

export interface FollowerHandlers {
  change(state: Partial<ConnectionState>): void;
  /** Has the leader say how its connection is. */
  ask(): void;
}

/** A tab that is told by another what the stream brings. */
export interface Follower {
  take(message: Told): void;
  /** Calls back once nothing is missing up to what the leader has told: now, or when it is made up. */
  whenInLine(then: () => void): void;
  reconnect(): void;
  stop(): void;
}

/**
 * Takes a block if it follows where this tab is, leaves it out if the tab has had it, and otherwise makes up what is
 * missing: ARCHITECTURE.md, "One connection for all tabs".
 */
export function createFollower(
  context: SourceContext,
  places: PassedPlaces,
  { change, ask }: FollowerHandlers,
): Follower {
  const { cursor, sink } = context;
  /** What waits while the tab makes up; the first is what it could not place. */
  let held: Told[] | undefined;
  let makeUp: Source | undefined;
  /** How the leader's connection is. */
  let state: SentState | undefined;
  let inLine = false;
  /** The server can't be asked for what is missing: whatever comes is taken. */
  let blind = false;
  let onInLine: (() => void) | undefined;

  function deliver(block: Block): void {
    places.pass(block);
    sink.block(block);
  }

  /** @returns false if something before it is missing */
  function place({ after, block }: Told): boolean {
    if (after === undefined) {
      return true;
    }
    const id = block?.id;
    if (blind || places.has(after)) {
      if (block && (after === cursor.id || id === undefined || !places.has(id))) {
        deliver(block);
      }
    } else if (!places.has(id ?? after)) {
      // Once all until now has been made up, the tab will be past it.
      places.add(id ?? after);
      return false;
    }
    inLine = true;
    return true;
  }

  function goOn(): void {
    while (held?.[0]) {
      if (!place(held[0])) {
        return;
      }
      held?.shift();
    }
    if (held) {
      stop();
      inLine = true;
      if (onInLine) {
        onInLine();
      } else {
        show(state);
      }
    }
  }

  function show(told: SentState | undefined): void {
    if (told) {
      change({ ...received(told), transport: 'shared' });
    }
  }

  function begin(messages: Told[]): void {
    held = messages;
    inLine = false;
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

  function stop(): void {
    held = undefined;
    makeUp?.close();
    makeUp = undefined;
  }

  return {
    take(message) {
      if (message.state) {
        // The end comes last, whatever another tab says that has not heard of it.
        state = state?.status === 'closed' ? state : { ...state, ...message.state };
      } else if (state?.status !== 'open') {
        // Only an open stream brings blocks: it has missed that.
        ask();
      }
      if (held) {
        held.push(message);
        if (held.length > PLACES) {
          held.shift();
        }
      } else if (!place(message)) {
        begin([message]);
      } else {
        show(message.state);
      }
    },
    whenInLine(then) {
      onInLine = then;
      if (!held) {
        if (inLine || blind) {
          then();
        } else {
          begin([]);
        }
      }
    },
    reconnect() {
      makeUp?.reconnect();
    },
    stop,
  };
}
