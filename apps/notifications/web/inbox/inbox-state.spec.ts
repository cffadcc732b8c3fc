import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';

import { InboxModel, type ModelEvent, type ModelPage } from '../spec-support/inbox-model.js';
import {
  type InboxState,
  emptyInbox,
  unreadCount,
  visible,
  withEvent,
  withGap,
  withPage,
} from './inbox-state.js';

const receive = (state: InboxState, { type, data }: ModelEvent): InboxState =>
  withEvent(state, type as 'notification.created', data as never);

/** A client over an unkind network: events and pages that are on their way arrive when the steps say so. */
class Client {
  state = emptyInbox;
  private events: ModelEvent[] = [];
  private pages: ModelPage[] = [];

  constructor(private readonly database: InboxModel) {
    database.onEvent((event) => this.events.push(event));
  }

  ask(before?: number): void {
    this.pages.push(this.database.page(before));
  }

  askForOlder(): void {
    if (this.state.oldest) {
      this.ask(this.state.oldest);
    }
  }

  /** One of the events on their way, which may come again. */
  receive(which: number, again: boolean): void {
    const event = this.events[which % this.events.length];
    if (event !== undefined) {
      this.state = receive(this.state, event);
      this.events = again ? this.events : this.events.filter((other) => other !== event);
    }
  }

  receivePage(which: number): void {
    const asked = this.pages[which % this.pages.length];
    if (asked !== undefined) {
      this.state = withPage(this.state, asked.page, asked.before);
      this.pages = this.pages.filter((other) => other !== asked);
    }
  }

  /** What is on its way is lost, and the first page is asked for again. */
  lose(): void {
    this.events = [];
    // Pages that were asked for before may lack what was lost: their answers aren't waited for.
    this.pages = [];
    this.state = withGap(this.state);
    this.ask();
  }

  settle(): void {
    while (this.events.length + this.pages.length > 0) {
      this.receive(0, false);
      this.receivePage(0);
    }
  }

  showAll(): void {
    while (this.state.oldest !== null) {
      this.ask(this.state.oldest);
      this.settle();
    }
  }
}

const number = fc.nat({ max: 40 });
const steps = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('send' as const), toAll: fc.boolean(), late: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('read' as const), ids: fc.array(number, { minLength: 1 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('readUpTo' as const), id: number }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('receive' as const), which: number, again: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('ask' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('askForOlder' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('receivePage' as const), which: number }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const) }) },
);
type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never;

function take(step: Step, database: InboxModel, client: Client): void {
  switch (step.do) {
    case 'send':
      return database.send(step.toAll ? '*' : 'ada', step.late);
    case 'read':
      return database.read((id) => step.ids.includes(id));
    case 'readUpTo':
      return database.read((id) => id <= step.id);
    case 'receive':
      return client.receive(step.which, step.again);
    case 'ask':
      return client.ask();
    case 'askForOlder':
      return client.askForOlder();
    case 'receivePage':
      return client.receivePage(step.which);
    case 'lose':
      return client.lose();
  }
}

describe('the state of an inbox', () => {
  it('ends as the database is, in whatever order events and pages come', () => {
    fc.assert(
      fc.property(
        fc.array(steps, { maxLength: 60 }),
        fc.array(steps, { maxLength: 120 }),
        (before, after) => {
          const database = new InboxModel('ada');
          for (const step of before) {
            take(step, database, new Client(database));
          }
          const client = new Client(database);
          client.ask();
          for (const step of after) {
            take(step, database, client);
          }
          client.settle();
          const { oldest, outdated } = client.state;
          expect(outdated).toBe(false);
          expect(visible(client.state)).toEqual(database.items().filter(({ id }) => id >= (oldest ?? 0)));
          expect(unreadCount(client.state)).toBe(database.unread());
          client.showAll();
          expect(visible(client.state)).toEqual(database.items());
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('shows nothing before the first page', () => {
    const database = new InboxModel('ada');
    const client = new Client(database);
    database.send('ada');
    client.receive(0, false);
    expect(visible(client.state)).toEqual([]);
    expect(unreadCount(client.state)).toBe(1);
  });

  it('shows no page that leaves a hole below those before', () => {
    const database = new InboxModel('ada');
    const client = new Client(database);
    for (let sent = 0; sent < 12; sent += 1) {
      database.send('ada');
    }
    client.ask();
    client.settle();
    for (let sent = 0; sent < 12; sent += 1) {
      database.send('ada');
    }
    client.lose();
    // Asked for while the first page, which will end higher up than the last did, is on its way.
    client.askForOlder();
    client.receivePage(0);
    client.receivePage(0);
    expect(visible(client.state).map(({ id }) => id)).toEqual(database.page().page.items.map(({ id }) => id));
  });

  it('goes on showing what it has after a gap, until the next page is there', () => {
    const database = new InboxModel('ada');
    const client = new Client(database);
    database.send('ada');
    client.ask();
    client.settle();
    const shown = visible(client.state);
    expect(shown).toHaveLength(1);
    expect(visible(withGap(client.state))).toEqual(shown);
  });

  it('counts no less than nothing', () => {
    const database = new InboxModel('ada');
    const events: ModelEvent[] = [];
    database.send('*');
    database.onEvent((event) => events.push(event));
    database.read(() => true);
    const state = events.reduce(receive, emptyInbox);
    expect(unreadCount(state)).toBe(0);
  });
});
