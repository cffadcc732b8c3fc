import { type SseClient, createSseClient } from '@nestcast/client';

import type { InboxPage } from '../../apps/notifications/src/notifications/inbox.js';
import type { NotificationEvents } from '../../apps/notifications/src/notifications/notification-events.js';
import {
  type InboxState,
  emptyInbox,
  visible,
  withEvent,
  withGap,
  withPage,
} from '../../apps/notifications/web/inbox/inbox-state.js';
import type { PatientUser } from './patient-user.js';

const PAGE = 100;
/** It finds its way back in a moment, for the spec's sake. */
const BACKOFF = { baseMs: 20, maxMs: 200 };

/** One device of a user, without the page: it connects, fetches when the stream is open, and again after each gap. */
export class InboxClient {
  state: InboxState = emptyInbox;
  /** How often each notification came as one that was not there yet. */
  readonly shown = new Map<number, number>();
  /** Events of notifications that were there already. */
  repeated = 0;
  gaps = 0;
  /** What has made it stop fetching. */
  failure: unknown;

  private readonly client: SseClient<NotificationEvents>;
  private refresh: Promise<void> | undefined;

  constructor(readonly user: PatientUser) {
    this.client = createSseClient<NotificationEvents>(new URL('/notifications/stream', user.origin()), {
      fetch: user.fetch,
      backoff: BACKOFF,
    });
    this.client
      .on('open', () => {
        if (this.state.oldest === undefined) {
          this.load();
        }
      })
      .on('sse:gap', () => {
        this.gaps += 1;
        this.state = withGap(this.state);
        this.load();
      })
      .on('notification.created', ({ type, data }) => {
        this.repeated += this.state.notifications.has(data.notification.id) ? 1 : 0;
        this.become(withEvent(this.state, type, data));
      })
      .on('notification.read', ({ type, data }) => this.become(withEvent(this.state, type, data)));
  }

  get open(): boolean {
    return this.client.getSnapshot().status === 'open';
  }

  /** Comes back now, and not when the server has asked for it; nothing where it is connected. */
  comeBack(): void {
    if (!this.open) {
      this.client.reconnect();
    }
  }

  /** Fetches all that is older than what it shows. */
  async loadOlder(): Promise<void> {
    await this.refresh;
    for (let { oldest } = this.state; oldest; { oldest } = this.state) {
      const page = await this.user.get<InboxPage>(`/notifications?limit=${PAGE}&before=${oldest}`);
      this.become(withPage(this.state, page, oldest));
    }
  }

  /** Ids of what it shows as unread. */
  unread(): number[] {
    return visible(this.state)
      .filter(({ read }) => !read)
      .map(({ id }) => id);
  }

  close(): void {
    this.client.close();
  }

  private load(): void {
    this.refresh ??= this.loadFirst()
      .catch((error: unknown) => (this.failure = error))
      .finally(() => (this.refresh = undefined)) as Promise<void>;
  }

  private async loadFirst(): Promise<void> {
    for (;;) {
      const { gaps } = this;
      const page = await this.user.get<InboxPage>(`/notifications?limit=${PAGE}`);
      // One that was asked for before a gap doesn't tell what is missing.
      if (gaps === this.gaps) {
        this.become(withPage(this.state, page));
        return;
      }
    }
  }

  private become(state: InboxState): void {
    for (const id of state.notifications.keys()) {
      if (!this.state.notifications.has(id)) {
        this.shown.set(id, (this.shown.get(id) ?? 0) + 1);
      }
    }
    this.state = state;
  }
}
