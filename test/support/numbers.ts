import type { SseChannelRegistry } from '@nestcast/sse';

/** Publishes 1, 2, 3 … as events of type `count` to one channel. */
export class Numbers {
  published = 0;

  constructor(private readonly channel: string) {}

  /** Resolves when they are in the log. */
  async publish(channels: SseChannelRegistry, count: number): Promise<void> {
    const from = this.published + 1;
    this.published += count;
    const numbers = Array.from({ length: count }, (_, index) => from + index);
    await Promise.all(numbers.map((data) => channels.publish(this.channel, { type: 'count', data })));
  }

  /** All that have been published, in order. */
  get all(): number[] {
    return Array.from({ length: this.published }, (_, index) => index + 1);
  }
}
