import type { BrokerEvent } from '../../event.js';
import type { BrokerSink, InterruptionListener, Unsubscribe } from '../broker.js';
import type { Primary } from './primary.js';

interface Sink {
  readonly sink: BrokerSink;
  readonly onInterruption: InterruptionListener | undefined;
}

/** What is subscribed to on this node, for each channel as one subscription at the primary. */
export class ChannelSinks {
  private readonly sinks = new Map<string, Set<Sink>>();
  /** How many want the channel, those that wait for the primary's answer too. */
  private readonly wanted = new Map<string, number>();

  constructor(private readonly primary: Primary) {}

  async add(channel: string, entry: Sink): Promise<Unsubscribe> {
    this.wanted.set(channel, this.wantedOf(channel) + 1);
    try {
      await this.primary.ask('subscribe', { channel }, () => {
        const sinks = this.sinks.get(channel) ?? new Set();
        this.sinks.set(channel, sinks.add(entry));
      });
    } catch (error) {
      this.unwanted(channel);
      throw error;
    }
    return async () => this.remove(channel, entry);
  }

  event(event: BrokerEvent): void {
    this.sinks.get(event.channel)?.forEach(({ sink }) => sink(event));
  }

  interrupt(channels: readonly string[]): void {
    channels.forEach((channel) =>
      this.sinks.get(channel)?.forEach(({ onInterruption }) => onInterruption?.({})),
    );
  }

  clear(): void {
    this.sinks.clear();
    this.wanted.clear();
  }

  private remove(channel: string, entry: Sink): void {
    const sinks = this.sinks.get(channel);
    if (sinks?.delete(entry)) {
      if (sinks.size === 0) {
        this.sinks.delete(channel);
      }
      this.unwanted(channel);
    }
  }

  private unwanted(channel: string): void {
    const left = this.wantedOf(channel) - 1;
    if (left > 0) {
      this.wanted.set(channel, left);
    } else if (this.wanted.delete(channel)) {
      this.primary.tell({ kind: 'unsubscribe', channel });
    }
  }

  private wantedOf(channel: string): number {
    return this.wanted.get(channel) ?? 0;
  }
}
