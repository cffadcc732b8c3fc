import { once } from 'node:events';
import { type Socket, connect } from 'node:net';

/** The last bytes of a chunked body. */
const LAST_CHUNK = '0\r\n\r\n';

export interface Churn {
  readonly port: number;
  /** Streams that end by themselves, read to their end one after the other on one socket. */
  readonly ending: readonly string[];
  /** A stream that goes on, whose socket is reset when its first bytes are in. */
  readonly open: string;
}

/** Opens streams on one socket, one after the other, and resets it in the last of them. */
export async function openAndClose({ port, ending, open }: Churn): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.setEncoding('latin1');
  for (const path of ending) {
    ask(socket, path);
    await read(socket, LAST_CHUNK);
  }
  ask(socket, open);
  await read(socket, 'sse:connected');
  socket.resetAndDestroy();
}

function ask(socket: Socket, path: string): void {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n`);
}

async function read(socket: Socket, until: string): Promise<void> {
  let text = '';
  while (!text.includes(until)) {
    const [data] = (await once(socket, 'data')) as [string];
    text += data;
    if (!text.startsWith('HTTP/1.1 200 ')) {
      throw new Error(`A stream was refused: ${text}`);
    }
  }
}
