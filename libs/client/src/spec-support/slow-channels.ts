/** Broadcast channels whose messages are under way until they are delivered; from one tab to another they keep their order. */
export class SlowChannels {
  private readonly open = new Set<SlowChannel>();
  private readonly lanes = new Map<SlowChannel, Map<SlowChannel, unknown[]>>();

  channel(name: string): BroadcastChannel {
    const channel = new SlowChannel(name, this);
    this.open.add(channel);
    return channel as unknown as BroadcastChannel;
  }

  post(from: SlowChannel, data: unknown): void {
    const lanes = this.lanes.get(from) ?? new Map<SlowChannel, unknown[]>();
    this.lanes.set(from, lanes);
    for (const to of this.open) {
      if (to !== from && to.name === from.name) {
        lanes.set(to, [...(lanes.get(to) ?? []), structuredClone(data)]);
      }
    }
  }

  /** What it has sent still arrives. */
  close(channel: SlowChannel): void {
    this.open.delete(channel);
    this.lanes.forEach((lanes) => lanes.delete(channel));
  }

  /** Delivers the next message from one tab to another, whichever is the `choice`th. @returns false if there is none */
  deliver(choice: number): boolean {
    const waiting = [...this.lanes.values()].flatMap((lanes) =>
      [...lanes].filter(([, messages]) => messages.length > 0),
    );
    const lane = waiting[choice % waiting.length];
    lane?.[0].dispatchEvent(new MessageEvent('message', { data: lane[1].shift() }));
    return lane !== undefined;
  }
}

class SlowChannel extends EventTarget {
  constructor(
    readonly name: string,
    private readonly channels: SlowChannels,
  ) {
    super();
  }

  postMessage(data: unknown): void {
    this.channels.post(this, data);
  }

  close(): void {
    this.channels.close(this);
  }
}
