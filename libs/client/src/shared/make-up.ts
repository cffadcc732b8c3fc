import { createOwnConnection } from '../own-connection.js';
import type { Sink, Source, SourceContext } from '../source.js';

/** What becomes of a making up. */
export interface MakeUpHandlers extends Pick<Sink, 'block' | 'change'> {
  /** Everything until now has come: it is to be closed, or to be asked to reconnect. */
  done(this: void): void;
  /** The server can't be asked so. */
  impossible(this: void): void;
}

/**
 * Gets what a tab has missed by itself: a connection of its own that asks for what there is, from the tab's own cursor, with
 * the tab's own headers and limits, and as patient as any. [spec] RFC 7240 4.3: a first poll has `Prefer: wait=0`.
 */
export function createMakeUp(context: SourceContext, handlers: MakeUpHandlers): Source {
  const { options, sink } = context;
  return createOwnConnection({
    ...context,
    options: { ...options, transport: 'poll' },
    sink: {
      ...sink,
      block: handlers.block,
      change(state) {
        if (state.status !== 'open') {
          handlers.change(state);
        } else if (state.transport !== 'poll') {
          handlers.impossible();
        }
      },
      polled: handlers.done,
    },
  });
}
