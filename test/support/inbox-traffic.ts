import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { InboxClient } from './inbox-client.js';
import { type Origin, PatientUser } from './patient-user.js';
import { until } from './until.js';

const USERS = ['ada', 'grace', 'linus'];
const CLIENTS_PER_USER = 2;
const LONGEST_PAUSE_MS = 30;
const GIVE_UP_MS = 600_000;

/** What was sent, and answered. */
export interface Accepted {
  readonly id: number;
  readonly sender: string;
  readonly recipient: string;
  readonly title: string;
}

/** Users with two devices each, who send, announce and read without an end, and repeat what isn't answered. */
export class InboxTraffic {
  /** By the key of its request. */
  readonly accepted = new Map<string, Accepted>();
  /** Of each user, what it was told to be read. */
  readonly marked = new Map<string, Set<number>>();
  private begun = 0;
  private ending = false;
  private readonly flows: Promise<void>[];
  private failure: Error | undefined;

  private constructor(
    readonly users: readonly PatientUser[],
    readonly clients: readonly InboxClient[],
    private readonly giveUp: AbortController,
  ) {
    this.flows = users.map((user) => this.flow(user));
    for (const flow of this.flows) {
      flow.catch((error: unknown) => (this.failure = new Error('A request has failed.', { cause: error })));
    }
  }

  static async start(origin: Origin): Promise<InboxTraffic> {
    const giveUp = new AbortController();
    const users = await Promise.all(USERS.map((id) => PatientUser.signIn(origin, id, giveUp.signal)));
    const clients = users.flatMap((user) =>
      Array.from({ length: CLIENTS_PER_USER }, () => new InboxClient(user)),
    );
    return new InboxTraffic(users, clients, giveUp);
  }

  /** Resolves when this many more requests have gone out, answered or not. */
  async requests(count: number): Promise<void> {
    const goal = this.begun + count;
    await until(() => this.failure !== undefined || this.begun >= goal, GIVE_UP_MS);
    if (this.failure !== undefined) {
      throw this.failure;
    }
  }

  /** Sends one more, with a key of its own. */
  async send(user: PatientUser, recipient: string): Promise<void> {
    const key = randomUUID();
    const draft = { recipient, title: `for ${recipient}, ${key}`, level: 'info' };
    this.begun += 1;
    const { id, sender } = await user.post<Accepted>('/notifications', draft, key);
    this.accepted.set(key, { id, sender, recipient, title: draft.title });
  }

  comeBack(): void {
    this.clients.forEach((client) => client.comeBack());
  }

  /** Begins nothing any more, and resolves when all that was begun is answered. */
  async finish(): Promise<void> {
    this.ending = true;
    await Promise.all(this.flows);
  }

  close(): void {
    this.ending = true;
    this.giveUp.abort(new Error('The traffic has been closed.'));
    this.clients.forEach((client) => client.close());
  }

  private async flow(user: PatientUser): Promise<void> {
    while (!this.ending) {
      const recipient = [...USERS, '*'][randomInt(USERS.length + 1)] as string;
      await (randomInt(3) === 0 ? this.read(user) : this.send(user, recipient));
      await delay(randomInt(LONGEST_PAUSE_MS));
    }
  }

  /** Some of what one of the user's devices shows as unread, or all of it. */
  private async read(user: PatientUser): Promise<void> {
    const devices = this.clients.filter((client) => client.user === user);
    const unread = devices[randomInt(devices.length)]?.unread() ?? [];
    const [latest] = unread;
    if (latest === undefined) {
      return;
    }
    const all = randomInt(4) === 0;
    const ids = all ? unread : unread.filter(() => randomInt(2) === 0);
    if (ids.length > 0) {
      this.begun += 1;
      await user.post('/notifications/read', all ? { upTo: latest } : { ids });
      const marked = this.marked.get(user.id) ?? new Set();
      this.marked.set(user.id, new Set([...marked, ...ids]));
    }
  }
}
