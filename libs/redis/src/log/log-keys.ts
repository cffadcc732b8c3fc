/** The names in Redis of all that belongs to one broker: in one slot of a Redis Cluster, by their hash tag. */
export class LogKeys {
  /** Hash: the present life and epoch, and the last place. */
  readonly base: string;
  /** Hash: earlier epochs, each with the place up to which it is there. */
  readonly lineage: string;
  /** Pub/sub: tells all nodes of a new epoch. */
  readonly epochs: string;
  private readonly live: string;

  /** @param database the number of it: keys are its own, but Pub/Sub knows of none */
  constructor(
    private readonly prefix: string,
    database: number,
  ) {
    const own = database === 0 ? '' : database;
    this.base = `{${prefix}}:log`;
    this.lineage = `{${prefix}}:lineage`;
    this.epochs = `{${prefix}}:epochs${own}`;
    this.live = `{${prefix}}:live${own}:`;
  }

  /** Stream: the events of a channel. */
  stream(channel: string): string {
    return `{${this.prefix}}:stream:${channel}`;
  }

  /** String: the place of a channel's last event, with an `f` if that was final. */
  end(channel: string): string {
    return `{${this.prefix}}:end:${channel}`;
  }

  /** String: there as long as a one-time key counts as spent. */
  spent(key: string): string {
    return `{${this.prefix}}:spent:${key}`;
  }

  /** Pub/sub: the events of a channel. */
  carrier(channel: string): string {
    return this.live + channel;
  }

  /** The channel whose events come over a pub/sub channel; `undefined` if it carries something else. */
  carried(carrier: string): string | undefined {
    return carrier.startsWith(this.live) ? carrier.slice(this.live.length) : undefined;
  }

  /** Pub/sub: marks for one node. */
  marks(node: string): string {
    return `{${this.prefix}}:marks:${node}`;
  }
}
