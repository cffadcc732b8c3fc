import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { createSseClient } from './sse-client.js';

it('reads a stream, and resumes it when it ends', async () => {
  const ids: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    ids.push(request.headers['last-event-id']?.toString());
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.end(`retry: 1\n\nid: ${ids.length}\ndata: {"n":${ids.length}}\n\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = createSseClient<{ message: { n: number } }>(`http://127.0.0.1:${port}`);
  const seen: number[] = [];
  for await (const { data } of client) {
    seen.push(data.n);
    if (seen.length === 3) {
      break;
    }
  }
  client.close();
  server.close();
  expect(seen).toEqual([1, 2, 3]);
  expect(ids.slice(0, 3)).toEqual([undefined, '1', '2']);
});
