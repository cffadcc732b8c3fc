import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';

import { type SampleApp, startSample } from './support/sample-app.js';
import { enter, SamplePages } from './support/sample-pages.js';
import { SampleUser } from './support/sample-user.js';

const BROWSER_TEST_MS = 60_000;
let sample: SampleApp;
let pages: SamplePages;
/** A site of its own: an empty page, whatever is asked for. */
let evil: Server;

beforeAll(async () => {
  evil = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><title>evil</title>');
  }).listen(0, '127.0.0.1');
  [sample, pages] = await Promise.all([startSample(), SamplePages.launch(), once(evil, 'listening')]);
}, 300_000);
afterAll(async () => {
  await pages.quit();
  evil.closeAllConnections();
  evil.close();
  await sample.close();
});

/** Tries, from another origin's script, whatever a browser lets it try. Resolves with what it could read. */
async function attack(page: Page, target: string): Promise<string[]> {
  return page.evaluate(async (url) => {
    const read: string[] = [];
    const json = { 'Content-Type': 'application/json' };
    const draft = JSON.stringify({ recipient: '*', title: 'from evil', level: 'info' });
    const requests: [string, RequestInit][] = [
      ['/session', {}],
      ['/notifications', {}],
      ['/notifications', { mode: 'no-cors' }],
      ['/notifications', { method: 'POST', headers: json, body: draft }],
      ['/notifications', { method: 'POST', mode: 'no-cors', body: draft }],
      ['/notifications', { method: 'POST', mode: 'no-cors', headers: json, body: draft }],
      ['/session', { method: 'POST', mode: 'no-cors', body: '{"userId":"linus","password":"nestcast"}' }],
      ['/session', { method: 'DELETE' }],
      ['/session/everywhere', { method: 'DELETE' }],
      ['/notifications/read', { method: 'POST', mode: 'no-cors', body: '{"upTo":1000}' }],
    ];
    for (const [path, init] of requests) {
      const answer = await fetch(url + path, { credentials: 'include', ...init }).catch(() => undefined);
      read.push((await answer?.text()) ?? '');
    }
    navigator.sendBeacon(`${url}/notifications`, draft);
    const source = new EventSource(`${url}/notifications/stream`, { withCredentials: true });
    source.addEventListener('message', ({ data }) => read.push(String(data)));
    await new Promise((resolve) => {
      source.addEventListener('error', resolve);
      source.addEventListener('open', resolve);
    });
    if (source.readyState === EventSource.OPEN) {
      read.push('a stream');
    }
    source.close();
    for (const kind of ['img', 'script', 'iframe']) {
      const element = document.createElement(kind) as HTMLImageElement;
      element.src = `${url}/notifications`;
      await new Promise((resolve) => {
        element.addEventListener('load', resolve);
        element.addEventListener('error', resolve);
        document.body.append(element);
      });
    }
    return read.filter((text) => text !== '');
  }, target);
}

/** Has the page send a form, as a click would; resolves when the answer is shown. */
async function sendForm(page: Page, target: string): Promise<string> {
  await page.evaluate((url) => {
    const form = document.createElement('form');
    form.method = 'POST';
    form.action = `${url}/notifications`;
    form.enctype = 'text/plain';
    const input = document.createElement('input');
    [input.name, input.value] = ['{"recipient":"*","title":"from a form","level":"info","body":"', '"}'];
    form.append(input);
    document.body.append(form);
    form.submit();
  }, target);
  await page.waitForURL(`${target}/notifications`);
  return page.locator('body').innerText();
}

/** How many streams have been opened so far. */
async function opens(): Promise<number> {
  const metrics = await (await fetch(`${sample.url}/metrics`)).text();
  const counts = [...metrics.matchAll(/^sse_opens_total\{.*\} (\d+)$/gm)].map(([, count]) => Number(count));
  return counts.reduce((sum, count) => sum + count, 0);
}

describe.each([
  ['another site', 'localhost'],
  // Another port is the same site to SameSite: the browser sends the cookie.
  ['another origin of this site', '127.0.0.1'],
])('a page of %s', (_whose, host) => {
  it(
    'can read nothing, change nothing, and take no stream',
    async () => {
      const victim = await pages.open(sample.url);
      await enter(victim, 'grace');
      const before = await opens();
      const { port } = evil.address() as AddressInfo;
      const page = await pages.openTab(victim, `http://${host}:${port}/`);
      expect(await attack(page, sample.url)).toEqual([]);
      expect(await sendForm(page, sample.url)).toMatch(/"statusCode":\s*40[13]/);

      // She is signed in as before, and nobody has been told anything.
      const own = await victim.evaluate(async () => (await (await fetch('/session')).json()) as object);
      expect(own).toMatchObject({ id: 'grace' });
      expect((await (await SampleUser.signIn(sample.url, 'linus')).inbox()).items).toEqual([]);
      expect(await opens()).toBe(before);
      await pages.close();
    },
    BROWSER_TEST_MS,
  );
});
