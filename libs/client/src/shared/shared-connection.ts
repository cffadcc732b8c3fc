import { createOwnConnection } from '../own-connection.js';
import type { Source, SourceContext } from '../source.js';
import { type Browser, JOINING, type Membership, join } from './membership.js';

/** One connection for all tabs of the same name; one of this tab's own where the browser can't share. */
export function createSharedConnection(context: SourceContext, browser = ownBrowser()): Source {
  if (!browser) {
    return createOwnConnection(context);
  }
  let membership: Membership | undefined;
  const source: Source = {
    open() {
      if (!membership) {
        membership = join(context, () => (membership = undefined), browser);
        // Who is told may leave at once.
        context.sink.change(JOINING);
      }
    },
    close() {
      membership?.leave();
      membership = undefined;
    },
    reconnect() {
      if (membership) {
        membership.reconnect();
      } else {
        source.open();
      }
    },
  };
  return source;
}

function ownBrowser(): Browser | undefined {
  // Outside of a secure context there are no locks.
  const { locks } = (globalThis.navigator ?? {}) as Partial<Navigator>;
  return locks && globalThis.BroadcastChannel && { locks, channel: (name) => new BroadcastChannel(name) };
}
