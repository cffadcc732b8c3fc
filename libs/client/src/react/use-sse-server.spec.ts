/** @jest-environment ./libs/client/src/spec-support/browser-environment.js */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { cleanup, render, waitFor } from '@testing-library/react';
import { createElement as h } from 'react';
import { renderToString } from 'react-dom/server';
import { createSseClient } from '../sse-client.js';
import { StreamServer } from '../spec-support/stream-server.js';
import { useSse } from './use-sse.js';

interface Prices {
  message: number;
}

let server: StreamServer;
let complaints: jest.SpiedFunction<typeof console.error>;
let container: HTMLElement;

beforeEach(async () => {
  // Events come when they come: outside of act().
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false });
  complaints = jest.spyOn(console, 'error');
  container = document.createElement('div');
  server = await StreamServer.start();
});
afterEach(async () => {
  cleanup();
  await server.close();
  expect(complaints.mock.calls).toEqual([]);
  complaints.mockRestore();
});

describe('useSse() rendered on a server', () => {
  it('requests nothing, and goes on in the page without a mismatch', async () => {
    function Price() {
      const { status, data } = useSse<Prices>(server.url, { persist: true });
      const { selected } = useSse<Prices, string>(server.url, { select: (snapshot) => snapshot.status });
      return h('p', null, `${status} ${selected} ${JSON.stringify(data)}`);
    }
    container.innerHTML = renderToString(h(Price));
    expect(container.textContent).toBe('connecting connecting undefined');
    expect(server.requests).toBe(0);
    const mismatches: unknown[] = [];
    const page = render(h(Price), {
      container,
      hydrate: true,
      onRecoverableError: (error) => mismatches.push(error),
    });
    const streams = [await server.next(), await server.next()];
    streams.forEach((stream) => stream.send(1));
    await waitFor(() => expect(container.textContent).toBe('open open 1'));
    expect(mismatches).toEqual([]);
    page.unmount();
    await Promise.all(streams.map(({ left }) => left));
  });

  it('goes on in a page whose shared client has events already', async () => {
    const client = createSseClient<Prices>(server.url);
    function Price() {
      const { status, data } = useSse(client);
      return h('p', null, `${status} ${JSON.stringify(data)}`);
    }
    const stream = await server.next();
    const event = new Promise((resolve) => client.on('message', resolve));
    stream.send(1);
    await event;
    const element = h(Price);
    container.innerHTML = renderToString(element);
    expect(container.textContent).toBe('connecting undefined');
    render(element, { container, hydrate: true });
    expect(container.textContent).toBe('open 1');
    client.close();
  });
});
