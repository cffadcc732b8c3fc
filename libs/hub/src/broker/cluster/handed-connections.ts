import type { Worker } from 'node:cluster';

/** What node:cluster's primary sends with a connection, and what the worker says when it has taken it. */
interface ClusterMessage {
  readonly cmd?: unknown;
  readonly act?: unknown;
  readonly seq?: unknown;
  readonly ack?: unknown;
}

/**
 * Closes connections that died with their worker on the way to it. Node's primary keeps its own handle of a connection until the
 * worker has acknowledged it; where that dies instead, the handle stays open for ever, and so does a client that waits for
 * an answer. Closed, the client sees that its connection is gone, and comes back.
 */
export function closeWithWorker({ process: child }: Worker): void {
  // One that could not be forked, as the primary has no file descriptor left, has no channel.
  if (!('send' in child)) {
    return;
  }
  const handed = new Map<unknown, { close(): void }>();
  let gone = false;
  const send = child.send.bind(child) as (...args: unknown[]) => boolean;
  child.send = (...args: unknown[]): boolean => {
    const [message, handle] = args as [ClusterMessage | undefined, { close?: () => void } | undefined];
    if (message?.cmd === 'NODE_CLUSTER' && message.act === 'newconn' && typeof handle?.close === 'function') {
      if (gone) {
        // Node deals connections out to it until it has heard that its channel is closed, which is later.
        handle.close();
        return false;
      }
      handed.set(message.seq, handle as { close(): void });
    }
    return send(...args);
  };
  child.on('internalMessage' as 'message', (message) => {
    handed.delete((message as ClusterMessage).ack);
  });
  child.once('exit', () => {
    gone = true;
    handed.forEach((handle) => handle.close());
    handed.clear();
  });
}
