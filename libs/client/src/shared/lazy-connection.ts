import { createOwnConnection } from '../own-connection.js';
import { SseClientError } from '../sse-client-error.js';
import type { Source, SourceContext } from '../source.js';

/** The connection that all tabs share, in a chunk of its own; one of this tab's own where that can't be had. */
export function createLazyConnection(context: SourceContext): Source {
  const { sink } = context;
  let source: Source | undefined;
  let wanted = false;
  async function load(): Promise<void> {
    try {
      source = (await import('./shared-connection.js')).createSharedConnection(context);
    } catch (cause) {
      source = createOwnConnection(context);
      sink.change({ error: new SseClientError('NETWORK', undefined, { cause }) });
    }
    if (wanted) {
      source.open();
    }
  }
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
  void load();
  return lazy;
}
