/** @jest-environment ./libs/client/src/spec-support/browser-environment.js */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cleanup, render, waitFor } from '@testing-library/react';
import { Activity, createElement as h, useEffect } from 'react';
import { StreamServer } from '../spec-support/stream-server.js';
import { type SseView, useSse } from './use-sse.js';

interface Prices {
  message: number;
}

let server: StreamServer;
/** What has been rendered. */
let views: SseView<Prices>[];
/** How many times the component was mounted, or shown again. */
let mounts: number;

function Price() {
  views.push(useSse<Prices>(server.url));
  useEffect(() => {
    mounts += 1;
  }, []);
  return null;
}

const inMode = (mode: 'visible' | 'hidden') => h(Activity, { mode, children: h(Price) });
const last = (): SseView<Prices> => views.at(-1) as SseView<Prices>;

beforeEach(async () => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false });
  views = [];
  mounts = 0;
  server = await StreamServer.start();
});
afterEach(async () => {
  cleanup();
  await server.close();
});

describe('useSse() in an <Activity>', () => {
  it('is closed while it is hidden, misses nothing, and never looks as if it had ended', async () => {
    const page = render(inMode('visible'));
    const stream = await server.next();
    stream.send(1);
    await waitFor(() => expect(last().data).toBe(1));
    const before = views.length;
    page.rerender(inMode('hidden'));
    await stream.left;
    page.rerender(inMode('visible'));
    const again = await server.next();
    expect(again.request.headers['last-event-id']).toBe('1');
    again.send(2);
    await waitFor(() => expect(last().data).toBe(2));
    const since = views.slice(before);
    expect(since.map(({ status }) => status)).not.toContain('closed');
    expect(new Set(since.map(({ data }) => data))).toEqual(new Set([1, 2]));
  });

  it('asks nothing again of a stream that has ended, or was closed', async () => {
    const page = render(inMode('visible'));
    const hideAndShow = async (): Promise<void> => {
      const shown = mounts + 1;
      page.rerender(inMode('hidden'));
      page.rerender(inMode('visible'));
      await waitFor(() => expect(mounts).toBe(shown));
    };
    const stream = await server.next();
    stream.send({ reason: 'complete' }, 'sse:goodbye');
    await waitFor(() => expect(last().status).toBe('closed'));
    await hideAndShow();
    expect(last().client?.getSnapshot().status).toBe('closed');
    last().open();
    await server.next();
    last().close();
    await hideAndShow();
    expect(last().client?.getSnapshot().status).toBe('closed');
    expect(server.requests).toBe(2);
  });
});
