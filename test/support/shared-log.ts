import {
  type Broker,
  type BrokerFactory,
  type InterruptionListener,
  SseError,
  memoryBroker,
} from '@nestcast/hub';

/** One log for several nodes in one process. */
export class SharedLog {
  private log: Broker | undefined;
  readonly doors: LogDoor[] = [];

  /** Each application that is started with it gets a door of its own, in the order of their starts. */
  readonly factory: BrokerFactory = (context) => {
    this.log ??= memoryBroker()(context);
    const door = new LogDoor(this.log);
    this.doors.push(door);
    return door;
  };

  async close(): Promise<void> {
    await this.log?.close();
  }
}

/** A node's way to the log, which a test can cut. */
export class LogDoor implements Broker {
  readonly shared = true;
  /** Whether whatever is asked rejects. */
  away = false;
  private isCut = false;
  private readonly missed = new Set<InterruptionListener>();

  constructor(private readonly log: Broker) {}

  /** From here on no event arrives. */
  cut(): void {
    this.isCut = true;
  }

  /** Events arrive again, and those who have missed some hear of it. */
  mend(): void {
    this.isCut = false;
    const missed = [...this.missed];
    this.missed.clear();
    missed.forEach((onInterruption) => onInterruption({}));
  }

  async publish(...args: Parameters<Broker['publish']>): ReturnType<Broker['publish']> {
    return this.open().publish(...args);
  }

  async subscribe(
    channel: string,
    sink: Parameters<Broker['subscribe']>[1],
    onInterruption: InterruptionListener = () => undefined,
  ): ReturnType<Broker['subscribe']> {
    return this.open().subscribe(channel, (event) => {
      if (this.isCut) {
        this.missed.add(onInterruption);
      } else {
        sink(event);
      }
    });
  }

  async replay(...args: Parameters<Broker['replay']>): ReturnType<Broker['replay']> {
    return this.open().replay(...args);
  }

  async health(): Promise<{ up: boolean }> {
    return { up: !this.away };
  }

  async close(): Promise<void> {
    this.away = true;
  }

  private open(): Broker {
    if (this.away) {
      throw new SseError('BROKER_UNAVAILABLE', 'The log can not be reached.');
    }
    return this.log;
  }
}
