import { createOwnConnection } from '../own-connection.js';
import { SseClientError } from '../sse-client-error.js';
import type { Source, SourceContext } from '../source.js';

/**
 * The connection that all tabs share, in a chunk of its own. One of this tab's own where the browser can't share, or the chunk
 * can't be had.
 */
export function createLazyConnection(context: SourceContext): Source {
  if (!globalThis.navigator?.locks || !globalThis.BroadcastChannel) {
    return createOwnConnection(context);
  }
  const { sink } = context;
  let source: Source | undefined;
  let loading: Promise<void> | undefined;
  let opened = false;
  async function load(): Promise<void> {
    try {
      source = (await import('./shared-connection.js')).createSharedConnection(context);
    } catch (cause) {
      source = createOwnConnection(context);
      sink.change({ error: new SseClientError('NETWORK', undefined, { cause }) });
    }
    if (opened) {
      source.open();
    }
  }
  const lazy: Source = {
    open() {
      opened = true;
      source?.open();
      if (!loading) {
        sink.change({ status: 'connecting' });
        loading = load();
      }
    },
    close() {
      opened = false;
      source?.close();
    },
    reconnect() {
      (source?.reconnect ?? lazy.open)();
    },
  };
  return lazy;
}
