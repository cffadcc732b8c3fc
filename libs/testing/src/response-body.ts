import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { contentDecoder } from './content-decoder.js';

/** How a response came to its close: whole, or cut before its end. */
export type StreamEnd = 'end' | 'aborted';

/** The body of a response as it comes: raw, decoded and as text. */
export class ResponseBody {
  /** Settles when the response has closed and all of it is decoded; never rejects. */
  readonly ended: Promise<StreamEnd>;
  /** How it ended, once it has. */
  outcome: StreamEnd | undefined;
  /** Why the bytes can't be decoded, if so. */
  decodeError: Error | undefined;
  /** What the socket reported, if it failed. */
  transportError: Error | undefined;

  private readonly raw: Buffer[] = [];
  private readonly decoded: Buffer[] = [];
  private readonly utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  private readonly decoder: Transform | undefined;

  /** @param onText takes each decoded piece, and a last one, mostly empty, when the body has ended */
  constructor(
    private readonly response: IncomingMessage,
    private readonly onText: (piece: string) => void,
  ) {
    this.decoder = contentDecoder(response.headers['content-encoding']);
    this.ended = new Promise((resolve) => {
      this.listen(resolve);
    });
  }

  bytes(): Buffer {
    return Buffer.concat(this.raw);
  }

  text(): string {
    return Buffer.concat(this.decoded).toString('utf8');
  }

  private listen(settle: (outcome: StreamEnd) => void): void {
    const { response, decoder } = this;
    const finish = (): void => {
      const outcome = response.complete ? 'end' : 'aborted';
      this.outcome = outcome;
      this.onText(this.utf8.decode());
      settle(outcome);
    };
    response.on('data', (chunk: Buffer) => {
      this.raw.push(chunk);
      if (!decoder) {
        this.take(chunk);
      } else if (!decoder.destroyed) {
        decoder.write(chunk);
      }
    });
    response.on('error', (error) => {
      this.transportError = error;
    });
    decoder?.on('data', (chunk: Buffer) => this.take(chunk));
    decoder?.on('error', (error) => {
      this.decodeError = new Error(
        `The body is not valid ${response.headers['content-encoding']}: ${error.message}`,
        {
          cause: error,
        },
      );
      response.destroy();
    });
    response.once('close', () => {
      // Without a byte (HEAD, 204, 304) there is nothing to decode, whatever the header says.
      if (!decoder || decoder.destroyed || this.raw.length === 0) {
        finish();
      } else {
        decoder.once('close', finish);
        decoder.end();
      }
    });
  }

  private take(chunk: Buffer): void {
    this.decoded.push(chunk);
    this.onText(this.utf8.decode(chunk, { stream: true }));
  }
}
