import type { Page } from 'playwright-core';

/** An event as the browser's EventSource gave it to a listener. */
export interface SeenEvent {
  readonly type: string;
  readonly data: string;
  readonly lastEventId: string;
  /** `Date.now()` in the browser, which shares the test's clock. */
  readonly at: number;
}

/** What the page's EventSource has met so far. */
export interface SeenStream {
  readonly opens: number;
  readonly errors: number;
  readonly readyState: number;
  readonly events: readonly SeenEvent[];
}

const READ_STATE = '({ ...seen, readyState: source.readyState })';

/** An empty page of the same origin, for scripts to open an EventSource in. */
export const EMPTY_PAGE = '<!doctype html><meta charset="utf-8"><title>An EventSource</title>';

/** The browser's own EventSource, in a page. */
export class EventSourcePage {
  constructor(private readonly page: Page) {}

  /** Opens it, with listeners for events of these types. */
  async follow(path: string, types: readonly string[]): Promise<void> {
    await this.page.evaluate(`
      var seen = { opens: 0, errors: 0, events: [] };
      var source = new EventSource(${JSON.stringify(path)});
      source.onopen = () => { seen.opens += 1; };
      source.onerror = () => { seen.errors += 1; };
      for (const type of ${JSON.stringify(types)}) {
        source.addEventListener(type, ({ data, lastEventId }) => {
          seen.events.push({ type, data, lastEventId, at: Date.now() });
        });
      }
      undefined;
    `);
  }

  /** Closes the page, and its EventSource with it. */
  close(): Promise<void> {
    return this.page.close();
  }

  /** Resolves with what has been seen once the JavaScript expression, over `seen` and `source`, holds. */
  async until(expression: string): Promise<SeenStream> {
    await this.page.waitForFunction(expression);
    return this.page.evaluate<SeenStream>(READ_STATE);
  }
}
