import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EventSource } from 'eventsource';
import { FollowedApp } from './support/followed-app.js';
import { adapters } from './support/nest-app.js';
import { type Follower, playFaults } from './support/play-faults.js';
import { until } from './support/until.js';

/** The `eventsource` package in Node.js. */
class NodeFollower implements Follower {
  readonly data: string[] = [];
  readonly control: string[] = [];
  readonly source: EventSource;
  opens = 0;
  lastError: number | undefined;

  constructor(url: string) {
    this.source = new EventSource(url);
    this.source.addEventListener('open', () => (this.opens += 1));
    this.source.addEventListener('message', ({ data }) => this.data.push(data as string));
    this.source.addEventListener('error', ({ code }) => (this.lastError = code));
    for (const type of ['sse:connected', 'sse:goodbye', 'sse:heartbeat', 'sse:gap']) {
      this.source.addEventListener(type, () => this.control.push(type));
    }
  }

  untilCount(count: number): Promise<void> {
    return until(() => this.data.length >= count);
  }

  async received(): Promise<readonly string[]> {
    return this.data;
  }
}

describe.each(adapters)('the package eventsource on %s', (adapter) => {
  let app: FollowedApp;
  let client: NodeFollower;
  beforeEach(async () => {
    app = await FollowedApp.start(adapter);
  });
  afterEach(async () => {
    client.source.close();
    await app.close();
  });

  const follow = async (path: string): Promise<void> => {
    client = new NodeFollower(app.url + path);
    await until(() => client.control.includes('sse:connected'));
  };

  it('loses and doubles nothing while it is cut off and its server starts again', async () => {
    await follow('/news');
    const published = await playFaults(app, client);
    expect(client.data).toEqual(published);
    expect(client.control).not.toContain('sse:gap');
    expect(app.asked.length).toBeGreaterThanOrEqual(5);
  });

  it('forgets an id alone: cut off before its first event it begins anew', async () => {
    await app.channels.publish('news', { data: 'before' });
    await follow('/news');
    const again = app.nextOpen();
    app.cut();
    await app.channels.publish('news', { data: 'meanwhile' });
    await again;
    await app.channels.publish('news', { data: 'after' });
    await client.untilCount(1);
    expect(client.data).toEqual(['after']);
    expect(app.asked.map(({ lastEventId }) => lastEventId)).toEqual([undefined, undefined]);
  });

  it('gives up at a 429', async () => {
    const other = await app.occupy();
    client = new NodeFollower(`${app.url}/one`);
    await until(() => client.source.readyState === EventSource.CLOSED);
    expect(client.lastError).toBe(429);
    await other.abort();
  });

  it('gets an event once that it was cut off within', async () => {
    app.cutAfter('data: cut');
    await follow('/news');
    await app.channels.publish('news', { data: 'whole' });
    await client.untilCount(1);
    await app.channels.publish('news', { data: 'cut here' });
    await client.untilCount(2);
    expect(client.data).toEqual(['whole', 'cut here']);
  });

  it('stops after the end of a job, by a 204', async () => {
    await app.runJob();
    await follow('/job');
    await until(() => client.source.readyState === EventSource.CLOSED);
    expect(client.data).toEqual(['1', '2', '3']);
    expect(client.lastError).toBe(204);
    expect(app.asked).toHaveLength(2);
  });
});
