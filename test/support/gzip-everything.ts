import type { IncomingMessage, ServerResponse } from 'node:http';
import { createGzip } from 'node:zlib';

/**
 * A middleware as careless as some in the wild: it compresses each response by wrapping its `write` and `end`, whatever
 * Cache-Control says, and hands out what it has held back when its `flush` is called.
 */
export function gzipEverything(
  _request: IncomingMessage,
  response: ServerResponse & { flush?: () => void },
  next: () => void,
): void {
  const gzip = createGzip();
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  gzip.on('data', (chunk: Buffer) => write(chunk));
  gzip.on('end', () => end());
  const begin = (): void => {
    if (!response.headersSent) {
      response.removeHeader('Content-Length');
      response.setHeader('Content-Encoding', 'gzip');
    }
  };
  response.write = (chunk: string | Buffer) => {
    begin();
    return gzip.write(chunk);
  };
  response.end = (chunk?: unknown) => {
    begin();
    gzip.end(chunk);
    return response;
  };
  response.flush = () => gzip.flush();
  next();
}
