import type { StartPeer } from './peer.js';
import { chunk, frame, startRawServer } from './raw-server.js';

/** One Buffer an event, chunk header included, written to every socket past its response. */
export const startRawShared: StartPeer = async () => {
  const server = await startRawServer();
  return {
    ...server,
    publish: (events) => {
      for (const event of events) {
        const bytes = chunk(frame(event));
        for (const response of server.responses) {
          response.socket?.write(bytes);
        }
      }
    },
    connections: () => server.responses.size,
  };
};
