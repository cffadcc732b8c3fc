import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventSource } from '@nestcast/client/eventsource';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './support/chromium.js';
import { clientContext } from './support/client-page.js';
import { type EventSourceCase, type Places, eventSourceCases } from './support/event-source-cases.js';
import { type EventSourceClass, recordEventSource } from './support/event-source-record.js';
import { ByteServer } from './support/byte-server.js';

const PAGE = { headers: { 'Content-Type': 'text/html' }, body: '<!doctype html><title>Events</title>' };
/** Of another one, which goes through all that the first could still do. */
const AFTER = { body: 'retry: 1\n\n' };
const MODULE = `
  export { EventSource } from '@nestcast/client/eventsource';
  export { recordEventSource } from './event-source-record.js';
`;

let self: ByteServer;
let other: ByteServer;
let browser: Browser;
let page: Page;
let paths = 0;

beforeAll(async () => {
  [self, other, browser] = await Promise.all([ByteServer.start(), ByteServer.start(), launchChromium()]);
  self.play('/', [PAGE]);
  page = await (await clientContext(browser, MODULE)).newPage();
  await page.goto(`${self.url}/`);
}, 300_000);
afterAll(async () => {
  await browser.close();
  await Promise.all([self.close(), other.close()]);
});

/** Lays down what the servers answer, for one run of a case. */
function prepare(each: EventSourceCase): Places {
  const at = { self: self.url, other: other.url, path: `/${(paths += 1)}` };
  for (const [server, answers] of [
    [self, each.self?.(at)],
    [other, each.other?.(at)],
  ] as const) {
    for (const [rest, script] of Object.entries(answers ?? {})) {
      server.play(at.path + rest, script);
    }
  }
  return at;
}

const withOrigins = (lines: readonly string[], { self: here, other: there }: Places): string[] =>
  lines.map((line) => line.replace('SELF', here).replace('OTHER', there));

/** The header's bytes, read as UTF-8. */
const idsOf = (path: string): (string | undefined)[] =>
  self
    .requests(path)
    .map(({ headers: { 'last-event-id': id } }) =>
      id === undefined ? undefined : Buffer.from(id.toString(), 'latin1').toString(),
    );

function expectIds({ ids = {} }: EventSourceCase, { path }: Places): void {
  for (const [rest, expected] of Object.entries(ids)) {
    expect(idsOf(path + rest)).toStrictEqual(expected);
  }
}

const Implementation = { Chromium: 'globalThis.EventSource', ours: 'nestcast.EventSource' };

describe.each(['Chromium', 'ours'] as const)('an EventSource in Chromium: %s', (whose) => {
  it.each(eventSourceCases)('$name', async (each) => {
    const at = prepare(each);
    const lines = withOrigins((whose === 'Chromium' ? each.native : undefined) ?? each.lines, at);
    const { types, closeAt, cutAt, withCredentials } = each;
    self.play('/after', [AFTER]);
    const given = JSON.stringify([each.url?.(at) ?? at.path, { types, closeAt, cutAt, withCredentials }]);
    const seen = page.evaluate(`(async () => {
      const Source = ${Implementation[whose]};
      const record = nestcast.recordEventSource(Source, ...${given});
      await record.has(${lines.length});
      await nestcast.recordEventSource(Source, '/after').has(4);
      record.source.close();
      return record.lines;
    })()`);
    expect(await seen).toEqual(lines);
    expectIds(each, at);
  });
});

describe('an EventSource of ours in Node.js', () => {
  it.each(eventSourceCases.filter(({ browser: only }) => !only))('$name', async (each) => {
    const at = prepare(each);
    const lines = withOrigins(each.lines, at);
    const Source = EventSource as unknown as EventSourceClass;
    const record = recordEventSource(Source, each.url?.(at) ?? at.self + at.path, each);
    await record.has(lines.length);
    self.play('/after', [AFTER]);
    await recordEventSource(Source, `${self.url}/after`).has(4);
    record.source.close();
    expect(record.lines).toEqual(lines);
    expectIds(each, at);
  });
});
