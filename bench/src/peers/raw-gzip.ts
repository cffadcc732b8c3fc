import { type Gzip, createGzip } from 'node:zlib';

import type { StartPeer } from './peer.js';
import { frame, startRawServer } from './raw-server.js';

/** What compression middleware does: an encoder a connection, flushed after each event. */
export const startRawGzip: StartPeer = async () => {
  const encoders = new Set<Gzip>();
  const server = await startRawServer((response) => {
    const encoder = createGzip();
    encoder.pipe(response);
    encoder.write('retry: 3000\n\n');
    // Not before: the first event must not share a block with the opening on some connections and on others not.
    encoder.flush(() => encoders.add(encoder));
    response.on('close', () => {
      encoders.delete(encoder);
      encoder.destroy();
    });
  });
  return {
    ...server,
    publish: (events) => {
      for (const event of events) {
        const text = frame(event);
        for (const encoder of encoders) {
          encoder.write(text);
          encoder.flush();
        }
      }
    },
    connections: () => encoders.size,
  };
};
