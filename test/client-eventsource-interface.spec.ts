import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventSource } from '@nestcast/client/eventsource';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './support/chromium.js';
import { clientContext } from './support/client-page.js';
import { EMPTY_PAGE } from './support/event-source-page.js';
import { type InterfaceCase, interfaceCases } from './support/event-source-interface.js';
import { ByteServer } from './support/byte-server.js';

const STREAM = 'data: a\n\ndata: b\n\nevent: last\ndata\n\n';
const MODULE = `
  export { EventSource } from '@nestcast/client/eventsource';
  export { interfaceCases } from './event-source-interface.js';
`;

let server: ByteServer;
let browser: Browser;
let page: Page;
let paths = 0;

beforeAll(async () => {
  [server, browser] = await Promise.all([ByteServer.start(), launchChromium()]);
  server.play('/', [{ headers: { 'Content-Type': 'text/html' }, body: EMPTY_PAGE }]);
  page = await (await clientContext(browser, MODULE)).newPage();
  await page.goto(`${server.url}/`);
}, 300_000);
afterAll(async () => {
  await browser.close();
  await server.close();
});

function nextStream(): string {
  const path = `/${(paths += 1)}`;
  server.play(path, [{ body: STREAM, open: true }]);
  return server.url + path;
}

const indexed = interfaceCases.map((each, index) => ({ ...each, index }));
const Implementation = { Chromium: 'globalThis.EventSource', ours: 'nestcast.EventSource' };

/** As it looks when it has come over from a page. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe.each(['Chromium', 'ours'] as const)('the interface in Chromium: %s', (whose) => {
  it.each(indexed)('$name', async ({ index, answer, native = answer }) => {
    const given = JSON.stringify(nextStream());
    const asked = page.evaluate(
      `(async () => JSON.stringify(await nestcast.interfaceCases[${index}].ask(${Implementation[whose]}, ${given})))()`,
    );
    expect(JSON.parse((await asked) as string)).toEqual(plain(whose === 'Chromium' ? native : answer));
  });
});

describe('the interface of ours in Node.js', () => {
  it.each(interfaceCases.filter(({ browser: only }) => !only))('$name', async ({ ask, answer }) => {
    const asked = await ask(EventSource as unknown as Parameters<InterfaceCase['ask']>[0], nextStream());
    expect(plain(asked)).toEqual(plain(answer));
  });
});
