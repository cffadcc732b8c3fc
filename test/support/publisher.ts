import type { EventId, SseChannelRegistry } from '@nestcast/sse';

export interface Published {
  readonly id: EventId;
  readonly data: string;
}

/** Publishes numbered events to its channels in turn, one or a few a turn of the event loop, until it is stopped. */
export class Publisher {
  private readonly published: Promise<Published>[] = [];
  private running = false;

  constructor(
    private readonly channels: SseChannelRegistry,
    private readonly names: readonly string[],
  ) {}

  start(): void {
    this.running = true;
    this.turn();
  }

  /** Everything published, in the order in which it was. */
  stop(): Promise<Published[]> {
    this.running = false;
    return Promise.all(this.published);
  }

  private turn(): void {
    if (!this.running) {
      return;
    }
    const burst = 1 + (this.published.length % 3);
    for (let index = 0; index < burst; index += 1) {
      this.publishOne();
    }
    // The pace of what is published, not a wait for anything: sockets get their turn between.
    setTimeout(() => this.turn(), 1);
  }

  private publishOne(): void {
    const number = this.published.length;
    const name = this.names[number % this.names.length] ?? '';
    const data = `event ${number}`;
    this.published.push(this.channels.publish(name, { data }).then((id) => ({ id, data })));
  }
}
