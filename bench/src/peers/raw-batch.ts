import type { StartPeer } from './peer.js';
import { chunk, frame, startRawServer } from './raw-server.js';

/** One Buffer for all events of a turn: as little as Node can do. */
export const startRawBatch: StartPeer = async () => {
  const server = await startRawServer();
  return {
    ...server,
    publish: (events) => {
      const bytes = chunk(events.map(frame).join(''));
      for (const response of server.responses) {
        response.socket?.write(bytes);
      }
    },
    connections: () => server.responses.size,
  };
};
