import type { Link } from '../broker/cluster/link.js';

/** One end of a link in this process: messages are copied, and come in a later turn, while the other end reads. */
export class HandLink implements Link {
  /** Messages that the other end has been sent and has not read. */
  readonly unread: unknown[] = [];
  private reads = true;
  private readonly onRead: (() => void)[] = [];
  private readonly messages = new Set<(message: unknown) => void>();
  private readonly closes = new Set<() => void>();
  private peer: HandLink = this;

  static pair(): [HandLink, HandLink] {
    const ends: [HandLink, HandLink] = [new HandLink(), new HandLink()];
    [ends[0].peer, ends[1].peer] = [ends[1], ends[0]];
    return ends;
  }

  send(message: unknown, sent: (error: Error | null) => void): void {
    this.unread.push(structuredClone(message));
    this.onRead.push(() => sent(null));
    setImmediate(() => this.pass());
  }

  onMessage(listener: (message: unknown) => void): () => void {
    this.messages.add(listener);
    return () => void this.messages.delete(listener);
  }

  onClose(listener: () => void): () => void {
    this.closes.add(listener);
    return () => void this.closes.delete(listener);
  }

  /** What is sent from this end stays unread until {@link resume}. */
  pause(): void {
    this.reads = false;
  }

  resume(): void {
    this.reads = true;
    this.pass();
  }

  /** As both ends see it when a process is gone. */
  close(): void {
    [this, this.peer].forEach((end) => end.closes.forEach((listener) => listener()));
  }

  private pass(): void {
    while (this.reads && this.unread.length > 0) {
      const message = this.unread.shift();
      this.peer.messages.forEach((listener) => listener(message));
      this.onRead.shift()?.();
    }
  }
}
