import { EventEmitter } from 'node:events';
import type { RedisListener } from '../connection/redis-port.js';

type Told = keyof RedisListener;

/** Remembers what a port has told. */
export class PortRecorder implements RedisListener {
  /** As `channel text`. */
  readonly messages: string[] = [];
  readonly told: Told[] = [];
  readonly reasons: string[] = [];
  private readonly news = new EventEmitter();

  message(channel: string, text: string): void {
    this.messages.push(`${channel} ${text}`);
    this.tell('message');
  }

  listening(): void {
    this.tell('listening');
  }

  available(): void {
    this.tell('available');
  }

  unavailable(reason: string): void {
    this.reasons.push(reason);
    this.tell('unavailable');
  }

  count(told: Told): number {
    return this.told.filter((one) => one === told).length;
  }

  /** Resolves when it has been told so often since the beginning. */
  async until(told: Told, times = 1): Promise<void> {
    while (this.count(told) < times) {
      await new Promise<void>((resolve) => this.news.once('told', resolve));
    }
  }

  private tell(told: Told): void {
    this.told.push(told);
    this.news.emit('told');
  }
}
