import type { LogKeys } from '../log/log-keys.js';
import type { LogLife } from '../log/log-life.js';
import { MARK } from '../log/scripts/mark.js';

/** What a mark says that has come back, in order with the events. */
export interface Mark {
  readonly epoch: string;
  /** All that was published up to here has come, unless it got lost. */
  readonly place: number;
  /** The places of the last events of the channels that it was sent for. */
  readonly ends: readonly number[];
}

export interface SentMark {
  /** The log's present place. */
  readonly place: number;
  /** Whether it is still to come. */
  readonly awaited: boolean;
  /** Takes no notice of it any more. */
  giveUp(): void;
}

/** Marks that this node has Redis send to it, in order with the events. */
export class Marks {
  /** Pub/sub channel that they come over. */
  readonly carrier: string;
  private readonly expected = new Map<string, (mark: Mark) => void>();
  private count = 0;

  constructor(
    private readonly life: LogLife,
    private readonly keys: LogKeys,
    private readonly keepMs: number,
    node: string,
  ) {
    this.carrier = keys.marks(node);
  }

  /**
   * Has a mark sent. `arrived` is called with it, unless it gets lost.
   *
   * @param channels whose ends are to be in it
   * @param unlessAt no mark is sent if this is the log's present place
   * @throws SseError as {@link LogLife.call}
   */
  async send(
    arrived: (mark: Mark) => void,
    channels: readonly string[] = [],
    unlessAt?: number,
  ): Promise<SentMark> {
    const { expected, keys } = this;
    this.count += 1;
    const name = String(this.count);
    const giveUp = (): void => void expected.delete(name);
    expected.set(name, arrived);
    let place: number;
    try {
      place = Number(
        await this.life.call(
          MARK,
          [keys.base, keys.lineage, ...channels.map((channel) => keys.end(channel))],
          [Math.ceil(this.keepMs), this.carrier, name, unlessAt ?? ''],
        ),
      );
    } catch (error) {
      giveUp();
      throw error;
    }
    if (place === unlessAt) {
      giveUp();
    }
    return {
      place,
      giveUp,
      get awaited() {
        return expected.has(name);
      },
    };
  }

  /** Takes a message of {@link carrier}. */
  receive(text: string): void {
    const [name = '', epoch = '', place, ...ends] = text.split(' ');
    const arrived = this.expected.get(name);
    this.expected.delete(name);
    arrived?.({ epoch, place: Number(place), ends: ends.map(Number) });
  }
}
