import { type Broker, type LeaseStore, SseError } from '@nestcast/hub';

/** One node's door to a broker that several share: closed on its own. */
export class BrokerDoor implements Broker {
  private closed = false;

  constructor(
    private readonly log: Broker,
    readonly leases?: LeaseStore,
    readonly spendOnce?: Broker['spendOnce'],
  ) {}

  async publish(...args: Parameters<Broker['publish']>): ReturnType<Broker['publish']> {
    return this.open().publish(...args);
  }

  async subscribe(...args: Parameters<Broker['subscribe']>): ReturnType<Broker['subscribe']> {
    return this.open().subscribe(...args);
  }

  async replay(...args: Parameters<Broker['replay']>): ReturnType<Broker['replay']> {
    return this.open().replay(...args);
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  private open(): Broker {
    if (this.closed) {
      throw new SseError('BROKER_CLOSED', 'The node is closed.');
    }
    return this.log;
  }
}
