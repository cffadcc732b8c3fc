import { EventEmitter, once } from 'node:events';

import type { SseEvent } from '@nestcast/sse';

export interface PublishedEvent extends SseEvent {
  readonly channel: string;
}

/** What a relay publishes to, in place of a broker: keeps what it is given, and fails, or takes its time, as it is told. */
export class RecordingPublisher {
  readonly events: PublishedEvent[] = [];
  /** How often it was asked to publish. */
  attempts = 0;
  /** Whose promise each event waits for; what that throws is the broker's answer. */
  before: (event: PublishedEvent) => Promise<void> = () => Promise.resolve();
  // Many events may wait for one of another's.
  private readonly emitter = new EventEmitter().setMaxListeners(0);

  async publish(channel: string, event: SseEvent): Promise<string> {
    this.attempts += 1;
    const published = { channel, ...event };
    this.emitter.emit('attempt');
    await this.before(published);
    this.events.push(published);
    this.emitter.emit('event');
    return String(this.events.length);
  }

  /** Resolves when it is asked to publish the next time. */
  async attempted(): Promise<void> {
    await once(this.emitter, 'attempt');
  }

  /** Resolves once it has so many events. */
  async has(count: number): Promise<void> {
    while (this.events.length < count) {
      await once(this.emitter, 'event');
    }
  }
}
