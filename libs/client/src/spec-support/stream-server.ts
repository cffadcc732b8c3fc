import type { ServerResponse } from 'node:http';
import { type Answer, type Request, ScriptedServer } from './scripted-server.js';

/** A stream that goes on until somebody ends it. */
export interface ServedStream {
  readonly request: Request;
  /** Writes an event whose data is JSON. */
  send(data: unknown, type?: string): void;
  end(): void;
  /** Resolves once its client has let go of it. */
  readonly left: Promise<void>;
}

/** A server whose streams a spec plays by hand. */
export class StreamServer {
  private ids = 0;

  private constructor(
    private readonly server: ScriptedServer,
    private taken: number,
  ) {}

  /** @param before what the first requests are answered with; all others get a stream */
  static async start(...before: readonly Answer[]): Promise<StreamServer> {
    const server = await ScriptedServer.start(...before, { play: beginStream });
    return new StreamServer(server, before.length);
  }

  get url(): string {
    return this.server.url;
  }

  /** How many requests there have been. */
  get requests(): number {
    return this.server.requests.length;
  }

  /** The next stream that nobody has asked for yet. */
  async next(): Promise<ServedStream> {
    const number = (this.taken += 1);
    const request = await this.server.request(number);
    return {
      request,
      send: (data, type = 'message') => {
        this.ids += 1;
        request.response.write(`id: ${this.ids}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
      },
      end: () => void request.response.end(),
      left: this.server.left(number),
    };
  }

  async close(): Promise<void> {
    await this.server.stop();
  }
}

function beginStream(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.write('retry: 1\n\n');
}
