import { type Socket, connect } from 'node:net';

import { nowUs } from '../mark.js';
import { paths } from '../peers/peer.js';
import { Latencies, type LatencySummary } from './latencies.js';

/** Between an answer and the next request; milliseconds. */
const PAUSE_MS = 5;
const request = `GET ${paths.ping} HTTP/1.1\r\nHost: bench\r\n\r\n`;

/** Asks for something small over a connection of its own, again and again, one request at a time. */
export class Ping {
  private readonly latencies = new Latencies();
  private askedAt = 0;
  private failure: Error | undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.answered(bytes));
    socket.on('error', (error) => {
      this.failure = error;
    });
    this.ask();
  }

  static begin(port: number): Promise<Ping> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new Ping(socket)));
      socket.once('error', reject);
    });
  }

  /** @throws Error if a request has failed */
  end(): LatencySummary {
    this.socket.destroy();
    if (this.failure) {
      throw this.failure;
    }
    return this.latencies.summary();
  }

  private ask(): void {
    if (!this.socket.destroyed) {
      this.askedAt = nowUs();
      this.socket.write(request);
    }
  }

  private answered(bytes: Buffer): void {
    if (!bytes.includes('pong')) {
      // The body comes in a segment of its own.
      return;
    }
    this.latencies.add(nowUs() - this.askedAt);
    setTimeout(() => this.ask(), PAUSE_MS);
  }
}
