import { createOwnConnection } from '../own-connection.js';
import { SseClientError } from '../sse-client-error.js';
import type { Source, SourceContext } from '../source.js';

/** The connection that all tabs share, in a chunk of its own; one of this tab's own where that can't be had. */
export function createLazyConnection(context: SourceContext): Source {
  const { sink } = context;
  let source: Source | undefined;
  let wanted = false;
  const lazy: Source = {
    open() {
      wanted = true;
      if (source) {
        source.open();
      } else {
        sink.change({ status: 'connecting' });
      }
    },
    close() {
      wanted = false;
      source?.close();
    },
    reconnect() {
      (source?.reconnect ?? lazy.open)();
    },
  };
  void import('./shared-connection.js')
    .then(({ createSharedConnection }) => createSharedConnection(context))
    .catch((cause: unknown) => {
      sink.change({ error: new SseClientError('NETWORK', undefined, { cause }) });
      return createOwnConnection(context);
    })
    .then((made) => {
      source = made;
      if (wanted) {
        made.open();
      }
    });
  return lazy;
}
