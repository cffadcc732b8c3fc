import { expect, it } from '@jest/globals';
import { EventSource } from './event-source.js';

const NOWHERE = 'http://127.0.0.1:1/';

it("is, to TypeScript, a browser's own", () => {
  const Class: typeof globalThis.EventSource = EventSource;
  const source: globalThis.EventSource = new Class(NOWHERE, { withCredentials: true });
  source.addEventListener('message', ({ data, lastEventId, origin }) => [data, lastEventId, origin]);
  source.addEventListener('tick', ({ data }) => data as string);
  expect(source).toBeInstanceOf(EventSource);
  source.close();
});

it('knows the types of its events', () => {
  const source = new EventSource(NOWHERE);
  source.addEventListener('tick', ({ data }) => data.length);
  source.addEventListener('error', ({ error }) => error.code === 'HTTP_STATUS' && error.status);
  source['onmessage'] = ({ data }) => data.length;
  source['onerror'] = ({ error }) => error.code === 'NETWORK';
  source['onopen'] = null;
  expect([source.onopen, typeof source.onerror]).toEqual([null, 'function']);
  source.close();
});
