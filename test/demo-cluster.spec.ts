import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ResumingClient, type StreamEvent } from '@nestcast/testing';

import type { Notification } from '../apps/notifications/src/notifications/notification.js';
import type { NotificationEvents } from '../apps/notifications/src/notifications/notification-events.js';
import { DemoProcess } from './support/demo-process.js';
import { isAlive } from './support/is-alive.js';
import { SampleUser } from './support/sample-user.js';
import { until } from './support/until.js';

const START_MS = 120_000;
let demo: DemoProcess;
let clients: ResumingClient[];

beforeEach(async () => {
  clients = [];
  demo = await DemoProcess.start();
}, START_MS);

afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await demo.kill();
}, START_MS);

/** A client, and the names of the nodes that have served it. */
async function follow({ cookie }: SampleUser): Promise<{ client: ResumingClient; nodes: () => string[] }> {
  const client = new ResumingClient(`${demo.url}/notifications/stream`, {
    headers: { cookie },
    timeoutMs: 15_000,
  });
  clients.push(client);
  const nodes = (): string[] =>
    client.events
      .filter(ofType('node.serving'))
      .map((event) => (JSON.parse(event.data) as { name: string }).name);
  await client.until(() => nodes().length > 0);
  return { client, nodes };
}

const ofType =
  (type: string) =>
  (event: StreamEvent): boolean =>
    event.type === type;
const notifications = (client: ResumingClient): Notification[] =>
  client.events
    .filter(ofType('notification.created'))
    .map((event) => (JSON.parse(event.data) as NotificationEvents['notification.created']).notification);
const titles = (client: ResumingClient): string[] => notifications(client).map(({ title }) => title);

describe('npm run demo:cluster', () => {
  it(
    'serves two clients by two nodes; an event crosses, one goes on with the other node when its own dies; Ctrl+C ends all',
    async () => {
      const [ada, grace] = [
        await SampleUser.signIn(demo.url, 'ada'),
        await SampleUser.signIn(demo.url, 'grace'),
      ];
      const [one, other] = [await follow(ada), await follow(grace)];
      expect([...one.nodes(), ...other.nodes()].toSorted()).toEqual(['node A', 'node B']);

      for (const title of ['one', 'two']) {
        await ada.tell('*', title);
      }
      await Promise.all([one, other].map(({ client }) => client.until(() => titles(client).length === 2)));
      // Two requests in a row go to two nodes, and so one of these events to each client came from the other's.
      const vias = notifications(one.client).map(({ via }) => String(via));
      expect(vias.toSorted()).toEqual(['node A', 'node B']);
      expect((await ada.inbox()).items.map(({ title }) => title)).toEqual(['two', 'one']);
      expect((await ada.inbox()).items.map(({ title }) => title)).toEqual(['two', 'one']);

      const [killed = ''] = one.nodes();
      process.kill(demo.pid(killed), 'SIGKILL');
      await one.client.until(() => one.nodes().length === 2);
      expect(one.nodes()).toEqual([killed, other.nodes()[0]]);
      await until(() => demo.output.includes(`${killed} has ended with SIGKILL.`));
      await grace.tell('*', 'three');
      await Promise.all([one, other].map(({ client }) => client.until(() => titles(client).length === 3)));
      expect(titles(one.client).toSorted()).toEqual(['one', 'three', 'two']);
      expect(one.client.gaps).toEqual([]);

      const pids = ['Redis', 'node A', 'node B'].map((name) => demo.pid(name));
      demo.signal('SIGINT');
      await until(() => demo.output.includes('Ending everything.'));
      // Whoever presses it again, while the nodes are still ending, must not leave Redis behind.
      demo.signal('SIGINT');
      expect(await demo.ended).toBe(0);
      expect(pids.filter(isAlive)).toEqual([]);
    },
    START_MS,
  );
});
