import { expect, it } from '@jest/globals';
import type { SseClientEvent } from './events.js';
import { type SseClient, createSseClient } from './sse-client.js';

interface Contract {
  added: { readonly id: string };
  removed: number;
}

/** Never called: the compiler is the test. */
export async function typed(client: SseClient<Contract>, untyped: SseClient): Promise<void> {
  client
    .on('added', ({ data, type }) => {
      const id: string = data.id;
      const exactly: 'added' = type;
      void [id, exactly];
    })
    .on('sse:gap', ({ data }) => void data.channels.join())
    .on('sse:goodbye', ({ data }) => void data.retryMs?.toFixed())
    .on('error', ({ data }) => void data.status?.toFixed())
    .on('max_reconnect_reached', ({ data }) => void data.attempts.toFixed())
    .on('open', ({ data }) => expect(data satisfies undefined).toBeUndefined())
    .on('*', (event) => void (event.type === 'removed' ? event.data.toFixed() : event.data.id));
  // @ts-expect-error there is no such event
  client.on('moved', () => undefined);
  // @ts-expect-error its data is an object
  client.on('added', ({ data }: SseClientEvent<'added', number>) => void data);
  for await (const event of client) {
    if (event.type === 'added') {
      event.data.id.toUpperCase();
    } else {
      event.data.toFixed();
    }
  }
  const { event } = client.getSnapshot();
  void (event?.type === 'removed' && event.data.toFixed());

  untyped.on('anything', ({ data }) => void (data satisfies unknown));
  untyped.on('sse:gap', ({ data }) => void data.reason.length);
  for await (const { type, data } of untyped) {
    // @ts-expect-error nobody knows what it is
    void data.id;
    type.toUpperCase();
  }
  const { on, off, listen, open, close, reconnect, subscribe, getSnapshot, stats } = client;
  void [on, off, listen, open, close, reconnect, subscribe, getSnapshot, stats];
  createSseClient<Contract>(new URL('http://127.0.0.1'), {
    headers: async ({ lastEventId, number, error }) => [['x', `${lastEventId}${number}${error?.code}`]],
    body: () => new Blob(),
    fetch,
    // @ts-expect-error a number
    heartbeatMs: '15',
  });
}

it('is compiled', () => {
  expect(typed).toBeInstanceOf(Function);
});
