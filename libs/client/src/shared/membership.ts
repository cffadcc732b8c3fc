import { createOwnConnection } from '../own-connection.js';
import { type ConnectionState, calm } from '../snapshot.js';
import type { Source, SourceContext } from '../source.js';
import { createFollower } from './follower.js';
import { createPassedPlaces } from './passed-places.js';
import { type Asked, type Told, isTabMessage, received, sent } from './tab-message.js';

/** What tabs need of their browser to share. */
export interface Browser {
  readonly locks: LockManager;
  channel(name: string): BroadcastChannel;
}

/** A tab among those that share a connection, from when it comes to when it goes. */
export interface Membership {
  reconnect(): void;
  /** Nothing of it stays; another tab takes over where it has led. */
  leave(): void;
}

/** How the connection is to a tab that has just come. */
export const JOINING: ConnectionState = { ...calm, status: 'connecting', transport: 'shared' };

/**
 * Joins the tabs of a name: the one that holds the lock reads the stream and tells the others.
 *
 * @param onEnd the stream has come to its end, or can't be had: the membership is over
 */
export function join(context: SourceContext, onEnd: () => void, browser: Browser): Membership {
  const { options, cursor, sink } = context;
  const { name } = options;
  const me = crypto.randomUUID();
  const gone = new AbortController();
  const { signal } = gone;
  const channel = browser.channel(name);
  const places = createPassedPlaces(cursor);
  let state = JOINING;
  let leads = false;
  /** The connection of all, or one of this tab's own where it can't share. */
  let stream: Source | undefined;
  /** The last event id of the stream of all. */
  let after = '';

  const follower = createFollower(context, places, { change, ask });

  function post(message: Told | Asked): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is a window's
    channel.postMessage(message);
  }

  function ask(): void {
    post({ from: me, ask: 'state' });
  }

  function tell(changed: Partial<ConnectionState>, to?: string): void {
    post({ from: me, to, after, state: sent(changed) });
  }

  function change(given: Partial<ConnectionState>): void {
    const { error, ...others } = given;
    // Whoever asks is told all of it, but an error only once.
    const again = error && error.message === state.error?.message && given.attempt === state.attempt;
    const changed = again ? others : given;
    if (leads) {
      tell(changed);
    }
    state = { ...state, ...changed };
    if (state.status === 'closed') {
      leave();
      if (!state.error) {
        cursor.forget();
      }
      onEnd();
    }
    sink.change(changed);
  }

  /** @returns settles when it leads no more: until then it has the lock */
  function lead(): Promise<unknown> | undefined {
    if (signal.aborted) {
      return undefined;
    }
    leads = true;
    follower.stop();
    after = cursor.id;
    stream = createOwnConnection({
      ...context,
      sink: {
        block(block) {
          post({ from: me, after, block });
          after = block.id ?? after;
          places.pass(block);
          sink.block(block);
        },
        change,
        // The others can't wait for this tab.
        ready: () => undefined,
      },
    });
    stream.open();
    return new Promise((resolve) => signal.addEventListener('abort', resolve));
  }

  function leave(): void {
    leads = false;
    stream?.close();
    follower.stop();
    channel.close();
    gone.abort();
  }

  channel.addEventListener('message', ({ data }) => {
    if (!isTabMessage(data)) {
      return;
    }
    if ('ask' in data) {
      if (leads && data.ask === 'state') {
        tell(state, data.from);
      } else if (leads) {
        stream?.reconnect();
      }
    } else if (leads) {
      // The tab that has led before had come to the end when it handed the lock on.
      if (data.state?.status === 'closed') {
        leads = false;
        change(received(data.state));
      }
    } else if ((data.to ?? me) === me) {
      follower.take(data);
    }
  });
  channel.addEventListener('messageerror', ask);
  // A page that was frozen has lost messages, and the next one may be long in coming.
  globalThis.document?.addEventListener('visibilitychange', ask, { signal });
  ask();
  browser.locks.request(name, { signal }, lead).catch(() => {
    // It has left, or has no right to locks, or somebody has stolen this one.
    if (!signal.aborted) {
      leave();
      stream = createOwnConnection({ ...context, sink: { ...sink, change } });
      stream.open();
    }
  });

  return {
    reconnect() {
      (stream ?? follower).reconnect();
      if (!leads && !stream) {
        post({ from: me, ask: 'reconnect' });
      }
    },
    leave,
  };
}
