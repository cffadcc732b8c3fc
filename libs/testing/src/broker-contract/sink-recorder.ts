import type { BrokerEvent, BrokerSink, EventId } from '@nestcast/hub';
import { Condition, DEFAULT_TIMEOUT_MS } from '../condition.js';

/** A sink that keeps what it is given. */
export class SinkRecorder {
  readonly events: BrokerEvent[] = [];
  private readonly condition = new Condition();

  readonly sink: BrokerSink = (event) => {
    this.events.push(event);
    this.condition.changed();
  };

  /** What has come with an id. */
  get ids(): EventId[] {
    return this.events.map(({ id }) => id).filter((id) => id !== '');
  }

  get data(): (string | undefined)[] {
    return this.events.map(({ data }) => data);
  }

  /** Resolves when at least `count` events have come. */
  async count(count: number): Promise<readonly BrokerEvent[]> {
    return this.until(`${count} events`, () => this.events.length >= count);
  }

  /** Resolves when the events with these ids have come. */
  async seen(...ids: EventId[]): Promise<readonly BrokerEvent[]> {
    return this.until(`the events ${ids.join(', ')}`, () => {
      const have = new Set(this.ids);
      return ids.every((id) => have.has(id));
    });
  }

  private until(what: string, holds: () => boolean): Promise<readonly BrokerEvent[]> {
    return this.condition.until(
      () => (holds() ? this.events : undefined),
      DEFAULT_TIMEOUT_MS,
      () => `The sink was not given ${what}. It has ${this.events.length} events: ${this.ids.join(', ')}`,
    );
  }
}
