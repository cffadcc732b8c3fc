import { expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { ServerResponse } from 'node:http';
import { take, useClients } from './spec-support/fixture.js';

const { serve, connect } = useClients();

/** A log, as bytes from a place on, that is cut off after as many of them as is said. */
const logFrom = (place: number, events: readonly string[]): Buffer =>
  Buffer.from(
    `retry: 0\n\nid: ${place}\n\n${events
      .map((text, index) => `id: ${index + 1}\ndata: ${JSON.stringify({ text, number: index + 1 })}\n\n`)
      .slice(place)
      .join('')}`,
  );

it('all events arrive, once and in order, wherever a stream is cut', async () => {
  const cut = fc.record({ at: fc.nat(400), clean: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'binary', maxLength: 8 }), { minLength: 1, maxLength: 12 }),
      fc.array(cut, { maxLength: 8 }),
      async (events, cuts) => {
        let streams = 0;
        const server = await serve({
          play(response: ServerResponse) {
            const place = Number(response.req.headers['last-event-id'] ?? 0);
            const bytes = logFrom(place, events);
            const ending = cuts[(streams += 1) - 1];
            response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
            if (!ending) {
              response.write(bytes);
            } else if (ending.clean) {
              response.end(bytes.subarray(0, ending.at));
            } else {
              response.write(bytes.subarray(0, ending.at), () => response.destroy());
            }
          },
        });
        const client = connect(server);
        const seen = await take(client, events.length);
        client.close();
        await server.stop();
        expect(seen.map(({ data }) => data)).toEqual(
          events.map((text, index) => ({ text, number: index + 1 })),
        );
      },
    ),
    { numRuns: 25 },
  );
}, 30_000);
