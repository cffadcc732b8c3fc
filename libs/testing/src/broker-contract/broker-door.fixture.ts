import { type Broker, type InterruptionListener, type LeaseStore, SseError } from '@nestcast/hub';

/** One node's door to a broker that several share: closed on its own. */
export class BrokerDoor implements Broker {
  private closed = false;
  private isCut = false;
  private readonly missed = new Set<InterruptionListener>();

  constructor(
    private readonly log: Broker,
    readonly leases?: LeaseStore,
  ) {}

  async publish(...args: Parameters<Broker['publish']>): ReturnType<Broker['publish']> {
    return this.open().publish(...args);
  }

  async subscribe(
    ...[channel, sink, onInterruption = () => undefined]: Parameters<Broker['subscribe']>
  ): ReturnType<Broker['subscribe']> {
    return this.open().subscribe(channel, (event) => {
      if (this.isCut) {
        this.missed.add(onInterruption);
      } else {
        sink(event);
      }
    });
  }

  /** Lets no event through meanwhile, and then says so. */
  async cutOff(meanwhile: () => Promise<void>): Promise<void> {
    this.isCut = true;
    await meanwhile();
    this.isCut = false;
    const missed = [...this.missed];
    this.missed.clear();
    missed.forEach((onInterruption) => onInterruption({}));
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
