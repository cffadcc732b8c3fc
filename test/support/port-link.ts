import type { MessagePort } from 'node:worker_threads';
import type { Link } from '@nestcast/hub';

/** A link over one end of a MessageChannel: as between processes, messages are copied and come in a later turn. */
export class PortLink implements Link {
  /** What is sent while the other end doesn't read. */
  private held: [message: unknown, sent: (error: Error | null) => void][] | undefined;

  constructor(private readonly port: MessagePort) {}

  /** As if the other end did not read, until {@link resume}. */
  pause(): void {
    this.held ??= [];
  }

  resume(): void {
    const held = this.held ?? [];
    this.held = undefined;
    held.forEach(([message, sent]) => this.send(message, sent));
  }

  send(message: unknown, sent: (error: Error | null) => void): void {
    if (this.held) {
      this.held.push([message, sent]);
      return;
    }
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
