import type { FollowedApp } from './followed-app.js';
import { Publisher } from './publisher.js';

/** A client that follows the channel `news`. */
export interface Follower {
  /** Resolves when it has had so many events. */
  untilCount(count: number): Promise<void>;
  /** The data of all events that it has had, in order. */
  received(): Promise<readonly string[]>;
}

const CUTS = 3;

/**
 * Publishes to `news` all the while, cuts the client off a few times, and starts its node again. Resolves when the client has
 * had as many events as there were, with what each was.
 */
export async function playFaults(app: FollowedApp, client: Follower): Promise<readonly string[]> {
  const publisher = new Publisher(app.channels, ['news']);
  publisher.start();
  for (let cuts = 0; cuts < CUTS; cuts += 1) {
    await client.untilCount((await client.received()).length + 1);
    const again = app.nextOpen();
    app.cut();
    await again;
  }
  await client.untilCount((await client.received()).length + 1);
  await app.restart();
  await client.untilCount((await client.received()).length + 1);
  const published = await publisher.stop();
  await client.untilCount(published.length);
  // Nothing but a heartbeat, then one more event.
  app.beat();
  await app.channels.publish('news', { data: 'after a heartbeat' });
  await client.untilCount(published.length + 1);
  return [...published.map(({ data }) => data), 'after a heartbeat'];
}
