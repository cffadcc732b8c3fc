import type { BrowserContext, Page } from 'playwright-core';

/** What a tab's client has seen, over all that has happened to it. */
export interface SeenByClient {
  /** Data of the events of type `count`. */
  readonly numbers: readonly number[];
  /** Its states, each once when it came. */
  readonly states: readonly string[];
  readonly goodbyes: readonly string[];
  /** The errors' codes. */
  readonly errors: readonly string[];
  readonly gaps: number;
}

/** Statements of the page: `client` and `seen` are its global variables. */
const FOLLOW = `(path, options) => {
  globalThis.seen = { numbers: [], states: [], goodbyes: [], errors: [], gaps: 0 };
  globalThis.client = nestcast
    .createSseClient(path, { ...options, onGap: () => { seen.gaps += 1; } })
    .on('count', ({ data }) => seen.numbers.push(data))
    .on('sse:goodbye', ({ data }) => seen.goodbyes.push(data.reason))
    .on('error', ({ data }) => seen.errors.push(data.status ?? data.code));
  const look = () => {
    const { status } = client.getSnapshot();
    if (status !== seen.states.at(-1)) {
      seen.states.push(status);
    }
  };
  look();
  client.subscribe(look);
}`;

/** A page of the browser with a client in it. */
export class ClientTab {
  private constructor(readonly page: Page) {}

  static async open(context: BrowserContext, url: string): Promise<ClientTab> {
    const page = await context.newPage();
    await page.goto(url);
    return new ClientTab(page);
  }

  /** @param options the client's, as an expression in JavaScript */
  async follow(path: string, options = '{}'): Promise<void> {
    await this.page.evaluate(`(${FOLLOW})(${JSON.stringify(path)}, ${options})`);
  }

  /** Evaluates an expression over `client` and `seen`. */
  async run(expression: string): Promise<void> {
    await this.page.evaluate(`void (${expression})`);
  }

  /** Resolves with what has been seen once the expression over `client` and `seen` holds. */
  async until(expression: string): Promise<SeenByClient> {
    await this.page.waitForFunction(expression);
    return this.seen();
  }

  /** Resolves once so many numbers have come. */
  untilNumbers(count: number): Promise<SeenByClient> {
    return this.until(`seen.numbers.length >= ${count}`);
  }

  untilStatus(status: string): Promise<SeenByClient> {
    return this.until(`client.getSnapshot().status === '${status}'`);
  }

  seen(): Promise<SeenByClient> {
    return this.page.evaluate<SeenByClient>('seen');
  }
}
