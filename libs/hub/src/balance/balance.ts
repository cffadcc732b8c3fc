import type { NodeLoads } from '../broker/broker.js';
import type { Cancel, Clock } from '../clock.js';
import type { Connections } from '../connections.js';
import type { HubOptions } from '../hub-options.js';
import { closeOverWindow } from '../pressure/shedding.js';
import { surplusOf } from './surplus.js';

/** What balancing needs of its hub. */
export interface BalanceContext {
  /** `undefined`: there are no other nodes to be told of, and nothing is done. */
  readonly loads: NodeLoads | undefined;
  readonly clock: Clock;
  readonly connections: Pick<Connections, 'list' | 'size'>;
  /** Whether the node takes connections now. */
  readonly hasRoom: () => boolean;
  readonly onError: (error: unknown, what: string) => void;
}

/**
 * Tells the other nodes how many connections this one has, and closes some where it has far more than its share: a share of them
 * a round, so that those who come back are counted where they are by the next. The quietest go first, and none that has no
 * channel: nobody else could go on with it. A node that takes nobody tells nothing, so that others send it nobody.
 */
export class Balance {
  private cancel: Cancel | undefined;
  /**
   * How many connections there were a round ago. The others have told theirs since, so that many that come to all nodes within
   * a round are nobody's surplus.
   */
  private before = 0;
  private shedding = false;
  private failing = false;
  private closed = false;

  constructor(
    private readonly options: Pick<HubOptions, 'balance' | 'drain' | 'retry'>,
    private readonly context: BalanceContext,
  ) {
    this.schedule();
  }

  /** Lets go of its timer. */
  close(): void {
    this.closed = true;
    this.cancel?.();
  }

  private schedule(): void {
    const { loads, clock } = this.context;
    if (loads && !this.closed) {
      this.cancel = clock.schedule(this.options.balance.intervalMs, () => void this.round(loads));
    }
  }

  private async round(loads: NodeLoads): Promise<void> {
    const own = this.context.connections.size;
    if (!this.context.hasRoom()) {
      this.before = own;
      this.schedule();
      return;
    }
    try {
      const all = await loads.report(own);
      this.failing = false;
      if (!this.closed) {
        this.shed(Math.min(own, this.before), all);
      }
      this.before = own;
    } catch (error) {
      // Once is enough, for as long as it lasts.
      if (!this.failing && !this.closed) {
        this.context.onError(error, "telling the other nodes of this one's load");
      }
      this.failing = true;
    }
    this.schedule();
  }

  private shed(own: number, loads: readonly number[]): void {
    const { balance } = this.options;
    const open = this.context.connections.list();
    const surplus = surplusOf(own, loads, balance, this.shedding);
    this.shedding = surplus > 0;
    const most = Math.ceil(open.length * balance.shedRatio);
    const quietest = open
      .filter(({ state, channels }) => channels.size > 0 && (state === 'live' || state === 'lagging'))
      .toSorted((a, b) => a.lastEventAt - b.lastEventAt);
    closeOverWindow(quietest.slice(0, Math.min(surplus, most)), this.options, 'balance');
  }
}
