import { afterEach } from '@jest/globals';
import type { SseClientEvent } from '../events.js';
import type { SseClientOptions } from '../options.js';
import type { SseSnapshot } from '../snapshot.js';
import { type SseClient, createSseClient } from '../sse-client.js';
import { type Answer, ScriptedServer } from './scripted-server.js';

/** Attempts that follow each other at once. */
export const hasty = { baseMs: 0 };

/** Clients and servers of one spec file, closed after each of its tests. */
export function useClients() {
  const clients: { close(this: void): void }[] = [];
  const servers: ScriptedServer[] = [];
  afterEach(async () => {
    clients.splice(0).forEach((client) => client.close());
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });
  return {
    async serve(this: void, ...answers: readonly Answer[]): Promise<ScriptedServer> {
      const server = await ScriptedServer.start(...answers);
      servers.push(server);
      return server;
    },
    connect<Events extends object = Record<string, unknown>>(
      this: void,
      to: { readonly url: string } | string,
      options?: SseClientOptions,
    ): SseClient<Events> {
      const client = createSseClient<Events>(typeof to === 'string' ? to : to.url, {
        backoff: hasty,
        ...options,
      });
      clients.push(client);
      return client;
    },
  };
}

/** The first snapshot of which something holds. */
export function whenSnapshot(
  client: SseClient,
  holds: (snapshot: SseSnapshot) => unknown,
): Promise<SseSnapshot> {
  return new Promise((resolve) => {
    const look = (): void => {
      const snapshot = client.getSnapshot();
      if (holds(snapshot)) {
        stop();
        resolve(snapshot);
      }
    };
    const stop = client.subscribe(look);
    look();
  });
}

export function whenStatus(client: SseClient, ...statuses: SseSnapshot['status'][]): Promise<SseSnapshot> {
  return whenSnapshot(client, ({ status }) => statuses.includes(status));
}

/** Statuses as they follow each other, from now on. */
export function statusesOf(client: SseClient): SseSnapshot['status'][] {
  const statuses: SseSnapshot['status'][] = [];
  client.subscribe(() => {
    const { status } = client.getSnapshot();
    if (statuses.at(-1) !== status) {
      statuses.push(status);
    }
  });
  return statuses;
}

/** As many events as are asked for. */
export async function take(client: SseClient, count: number): Promise<SseClientEvent[]> {
  const events: SseClientEvent[] = [];
  for await (const event of client) {
    if (events.push(event) === count) {
      break;
    }
  }
  return events;
}
