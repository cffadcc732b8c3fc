import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { TimerWheel } from '@nestcast/hub';
import { Injectable } from '@nestjs/common';

/** Where Node tells of each request before anybody else has it. */
const REQUEST_START = 'http.server.request.start';

/** When requests have arrived: before the middleware and guards that take time as well. */
@Injectable()
export class RequestArrivals {
  private readonly times = new WeakMap<IncomingMessage, number>();
  private readonly note = (message: unknown): void => {
    this.times.set((message as { request: IncomingMessage }).request, this.clock.now());
  };

  constructor(private readonly clock: TimerWheel) {}

  /** Every request of the process is noted from here on, until {@link end}. */
  begin(): void {
    subscribe(REQUEST_START, this.note);
  }

  end(): void {
    unsubscribe(REQUEST_START, this.note);
  }

  /** Milliseconds since the Unix epoch; now, where it isn't known. It is forgotten with that. */
  take(request: IncomingMessage): number {
    const at = this.times.get(request) ?? this.clock.now();
    this.times.delete(request);
    return at;
  }
}
