import type { Source, SourceContext } from '../source.js';
import { type Browser, type Membership, join } from './membership.js';

/** One connection for all tabs of the same name. */
export function createSharedConnection(context: SourceContext, browser?: Browser): Source {
  let membership: Membership | undefined;
  const source: Source = {
    open() {
      membership ??= join(context, () => (membership = undefined), browser);
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
