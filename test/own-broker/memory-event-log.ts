import { setImmediate } from 'node:timers/promises';
import type { HistoryOptions } from '@nestcast/hub';

import type { Entry, EventLog } from './event-log-broker.js';

/** What a server with a log would do, for any number of brokers: everything takes a moment, and nothing is out of order. */
export class LogServer {
  private readonly entries: Entry[] = [];
  private readonly dropped = new Map<string, number>();
  private readonly followers = new Set<(entry: Entry) => void>();
  private end = 0;

  constructor(private readonly history: HistoryOptions) {}

  connect(): EventLog {
    let own: ((entry: Entry) => void) | undefined;
    return {
      epoch: 'first',
      append: async (channel, text, kept) => {
        await setImmediate();
        const place = kept ? ++this.end : this.end;
        const entry = { place, channel, kept, at: Date.now(), text };
        if (kept) {
          this.keep(entry);
        }
        queueMicrotask(() => this.followers.forEach((next) => next(entry)));
        return place;
      },
      read: async (channel, after, limit) => {
        await setImmediate();
        const all = this.entries.filter((entry) => entry.channel === channel);
        return {
          entries: all.filter(({ place }) => place > after).slice(0, limit),
          dropped: this.dropped.get(channel) ?? 0,
          newest: all.at(-1),
          end: this.end,
        };
      },
      follow: async (next) => {
        await setImmediate();
        own = next;
        this.followers.add(next);
      },
      close: async () => {
        if (own) {
          this.followers.delete(own);
        }
      },
    };
  }

  private keep(entry: Entry): void {
    this.entries.push(entry);
    const same = this.entries.filter(({ channel }) => channel === entry.channel);
    const [oldest] = same;
    if (oldest && same.length > this.history.maxEvents) {
      this.entries.splice(this.entries.indexOf(oldest), 1);
      this.dropped.set(entry.channel, oldest.place);
    }
  }
}
