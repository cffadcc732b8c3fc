import { setTimeout as delay } from 'node:timers/promises';
import { type Broker, type BrokerEvent, type EventId, type Interruption, SseError } from '@nestcast/hub';
import { Condition, DEFAULT_TIMEOUT_MS } from '../condition.js';

/** Between two questions to a broker that is away; milliseconds. */
const RETRY_MS = 20;

/** Follows a channel as a hub's connection does: live events as they come, and the log where some may have been missed. */
export class LogFollower {
  /** In the order in which a client would have been sent them. */
  readonly ids: EventId[] = [];
  /** Whether it has been told that events are gone. */
  gapTold = false;
  private seq = 0;
  private cursor: EventId = '';
  /** How often it has been told to read the log. */
  private told = 0;
  private reading = false;
  private failure = '';
  private readonly condition = new Condition();

  constructor(
    private readonly broker: Broker,
    private readonly channel: string,
  ) {}

  async begin(): Promise<void> {
    await this.broker.subscribe(
      this.channel,
      (event) => this.receive(event),
      (interruption) => this.interrupted(interruption),
    );
    ({ cursor: this.cursor, seq: this.seq } = await this.broker.replay([this.channel], 'now', 1));
  }

  /** Resolves when the event with this id has come. */
  async seen(id: EventId): Promise<void> {
    await this.condition.until(
      () => (this.ids.includes(id) ? true : undefined),
      DEFAULT_TIMEOUT_MS,
      () =>
        `The event ${id} has not come, neither live nor after an interruption; ${this.ids.length} have. ${
          this.failure
        }`,
    );
  }

  private receive(event: BrokerEvent): void {
    if (!this.reading) {
      this.take(event);
    } else {
      // Passed over: the log has it.
      this.told += 1;
    }
  }

  private take(event: BrokerEvent): void {
    if (event.seq > this.seq) {
      this.ids.push(event.id);
      this.seq = event.seq;
      this.cursor = event.id;
      this.condition.changed();
    }
  }

  private interrupted({ lostAfter = Infinity }: Interruption): void {
    this.gapTold ||= this.seq > lostAfter;
    this.told += 1;
    if (!this.reading) {
      void this.read();
    }
  }

  private async read(): Promise<void> {
    this.reading = true;
    let asOf: number;
    let more: boolean;
    do {
      asOf = this.told;
      more = await this.page();
    } while (more || asOf !== this.told);
    this.reading = false;
  }

  /** @returns whether there is more to read, or the broker is to be asked again */
  private async page(): Promise<boolean> {
    try {
      const page = await this.broker.replay([this.channel], { after: this.cursor }, 100);
      this.gapTold ||= !page.complete;
      page.events.forEach((event) => this.take(event));
      ({ cursor: this.cursor, seq: this.seq } = page);
      return page.more;
    } catch (error) {
      if (error instanceof SseError && error.code === 'BROKER_UNAVAILABLE') {
        await delay(RETRY_MS);
        return true;
      }
      this.failure = `The log could not be read: ${String(error)}`;
      return false;
    }
  }
}
