import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { quiet, setUpHub, settled } from '../spec-support/hub-fixture.js';
import { Http1Transport } from './http1-transport.js';

it('counts what a client that hung up has not read: no count ever falls', async () => {
  const { hub } = setUpHub();
  const server = createServer();
  const exchange = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.pause();
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const transport = new Http1Transport(...(await exchange));
  const connection = hub.connect({ userId: undefined, ip: undefined, lastEventId: undefined, transport });
  const overflow = { maxBufferedBytes: 1_048_576, policy: 'catch-up', stallMs: 0 } as const;
  await hub.openChannels(connection, [hub.channel('a')], { ...quiet, overflow });
  while (connection.state !== 'lagging') {
    await hub.publish('a', { data: 'x'.repeat(50_000) });
    await nextTurn();
  }
  const before = hub.stats().bytes;
  expect(before).toBe(connection.bytes);
  client.resetAndDestroy();
  while (hub.stats().connections > 0) {
    await nextTurn();
  }
  await settled();
  expect(hub.stats().bytes).toBe(before);
  server.close();
});
