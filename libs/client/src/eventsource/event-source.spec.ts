import { expect, it } from '@jest/globals';
import { EventSource } from './event-source.js';

it("is, to TypeScript, a browser's own", () => {
  const Class: typeof globalThis.EventSource = EventSource;
  const source: globalThis.EventSource = new Class('http://127.0.0.1:1/', { withCredentials: true });
  source.addEventListener('message', ({ data, lastEventId, origin }) => [data, lastEventId, origin]);
  source.addEventListener('tick', ({ data }) => data as string);
  source.onerror = function onError() {
    this.close();
  };
  expect(source).toBeInstanceOf(EventSource);
  source.close();
});

it('types its events', () => {
  const source = new EventSource('http://127.0.0.1:1/');
  source.addEventListener('tick', ({ data }) => data.length);
  source.addEventListener('error', ({ error }) => error.code === 'HTTP_STATUS' && error.status);
  source.onmessage = ({ data }) => data.length;
  source.onerror = function onError({ error }) {
    return [error.code, this.readyState];
  };
  source.onopen = null;
  expect([source.onopen, typeof source.onerror]).toEqual([null, 'function']);
  source.close();
});
