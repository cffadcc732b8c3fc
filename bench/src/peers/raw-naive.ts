import type { StartPeer } from './peer.js';
import { frame, startRawServer } from './raw-server.js';

/** What one writes first: a string to each response, for each event. */
export const startRawNaive: StartPeer = async () => {
  const server = await startRawServer();
  return {
    ...server,
    publish: (events) => {
      for (const event of events) {
        const text = frame(event);
        for (const response of server.responses) {
          response.write(text);
        }
      }
    },
    publishTo: (user, event) => server.users.get(String(user))?.write(frame(event)),
    connections: () => server.responses.size,
  };
};
