import type { MessagePort } from 'node:worker_threads';
import type { Link } from '@nestcast/hub';

/** A link over one end of a MessageChannel: as between processes, messages are copied and come in a later turn. */
export class PortLink implements Link {
  constructor(private readonly port: MessagePort) {}

  send(message: unknown, sent: (error: Error | null) => void): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port is no window
    this.port.postMessage(message);
    process.nextTick(sent, null);
  }

  onMessage(listener: (message: unknown) => void): () => void {
    this.port.on('message', listener);
    return () => void this.port.off('message', listener);
  }

  onClose(listener: () => void): () => void {
    this.port.on('close', listener);
    return () => void this.port.off('close', listener);
  }
}
