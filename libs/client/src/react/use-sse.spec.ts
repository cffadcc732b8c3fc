/** @jest-environment ./libs/client/src/spec-support/browser-environment.js */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { act, cleanup, render, renderHook, screen, waitFor } from '@testing-library/react';
import { StrictMode, createElement as h } from 'react';
import { type SseClient, createSseClient } from '../sse-client.js';
import { StreamServer } from '../spec-support/stream-server.js';
import { type UseSseOptions, useSse } from './use-sse.js';

interface Prices {
  message: number;
  closing: { at: string };
}

let server: StreamServer;
let complaints: jest.SpiedFunction<typeof console.error>;

beforeEach(async () => {
  // Events come when they come: outside of act().
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false });
  complaints = jest.spyOn(console, 'error');
  server = await StreamServer.start();
});
afterEach(async () => {
  cleanup();
  await server.close();
  expect(complaints.mock.calls).toEqual([]);
  complaints.mockRestore();
});

describe('useSse() with a URL', () => {
  it('shows the stream while it is mounted, and closes it then', async () => {
    const statuses: string[] = [];
    const { result, unmount } = renderHook(() => {
      const sse = useSse<Prices>(server.url);
      statuses.push(sse.status);
      return sse;
    });
    expect(result.current).toMatchObject({ status: 'connecting', data: undefined, error: undefined });
    const stream = await server.next();
    stream.send(1);
    await waitFor(() => expect(result.current.data).toBe(1));
    expect(result.current).toMatchObject({ status: 'open', event: { type: 'message', data: 1, id: '1' } });
    expect(statuses).not.toContain('closed');
    unmount();
    await stream.left;
    expect(result.current.client?.getSnapshot().status).toBe('closed');
  });

  it('makes one request in StrictMode, which mounts everything twice', async () => {
    const { result, unmount } = renderHook(() => useSse<Prices>(server.url), { wrapper: StrictMode });
    const stream = await server.next();
    stream.send(1);
    await waitFor(() => expect(result.current.data).toBe(1));
    unmount();
    await stream.left;
    expect(server.requests).toBe(1);
  });

  it('comes back after the end of a stream, from its last event', async () => {
    const { result } = renderHook(() => useSse<Prices>(server.url));
    const stream = await server.next();
    stream.send(1);
    stream.end();
    const again = await server.next();
    expect(again.request.headers['last-event-id']).toBe('1');
    again.send(2);
    await waitFor(() => expect(result.current.data).toBe(2));
  });

  it('keeps its connection when it is rendered with new options, and calls the functions of the latest', async () => {
    const heard: string[] = [];
    const { rerender } = renderHook(
      ({ render: number }) =>
        useSse<Prices>(new URL(server.url), {
          headers: () => ({ 'X-Render': `${number}` }),
          on: { message: ({ data }) => heard.push(`${data} in render ${number}`) },
        }),
      { initialProps: { render: 1 } },
    );
    const stream = await server.next();
    expect(stream.request.headers['x-render']).toBe('1');
    stream.send(1);
    await waitFor(() => expect(heard).toEqual(['1 in render 1']));
    rerender({ render: 2 });
    stream.send(2);
    await waitFor(() => expect(heard).toEqual(['1 in render 1', '2 in render 2']));
    expect(server.requests).toBe(1);
    stream.end();
    const again = await server.next();
    expect(again.request.headers).toMatchObject({ 'x-render': '2', 'last-event-id': '2' });
  });

  it('hears each event, and those of another type once they are asked for', async () => {
    const heard: unknown[] = [];
    const hear = ({ data }: { data: unknown }): void => void heard.push(data);
    const all: UseSseOptions<Prices, never>['on'] = {
      message: hear,
      closing: hear,
      '*': hear,
      'sse:gap': hear,
    };
    const initialProps: Pick<UseSseOptions<Prices, never>, 'on'> = { on: { message: hear } };
    const { rerender } = renderHook(({ on }) => useSse<Prices>(server.url, { on }), { initialProps });
    const stream = await server.next();
    stream.send({ at: 'noon' }, 'closing');
    stream.send(1);
    stream.send(2);
    await waitFor(() => expect(heard).toEqual([1, 2]));
    rerender({ on: all });
    stream.send({ reason: 'trimmed', channels: [], id: '3' }, 'sse:gap');
    stream.send({ at: 'six' }, 'closing');
    await waitFor(() => expect(heard).toHaveLength(5));
    expect(heard.slice(2)).toEqual([
      { reason: 'trimmed', channels: [], id: '3' },
      { at: 'six' },
      { at: 'six' },
    ]);
    expect(server.requests).toBe(1);
  });

  it('calls onGap as it is when there is a gap, also where there was none to begin with', async () => {
    const gaps: string[] = [];
    const initialProps: Pick<UseSseOptions<Prices, never>, 'onGap'> = {};
    const { result, rerender } = renderHook(({ onGap }) => useSse<Prices>(server.url, { onGap }), {
      initialProps,
    });
    const stream = await server.next();
    const gap = (reason: string) => stream.send({ reason, channels: [], id: '1' }, 'sse:gap');
    rerender({ onGap: ({ reason }) => gaps.push(reason) });
    gap('trimmed');
    await waitFor(() => expect(gaps).toEqual(['trimmed']));
    rerender({});
    gap('epoch');
    stream.send(1);
    await waitFor(() => expect(result.current.data).toBe(1));
    expect(gaps).toEqual(['trimmed']);
  });

  it('goes to another URL, or to none, and shows nothing of the former', async () => {
    const initialProps: { path: string | null } = { path: '/a' };
    const { result, rerender } = renderHook(
      ({ path }) => useSse<Prices>(path === null ? null : new URL(path, server.url)),
      { initialProps },
    );
    const former = await server.next();
    former.send(1);
    await waitFor(() => expect(result.current.data).toBe(1));
    rerender({ path: '/b' });
    expect(result.current).toMatchObject({ status: 'connecting', data: undefined });
    await former.left;
    const stream = await server.next();
    expect(stream.request.url).toBe('/b');
    expect(stream.request.headers).not.toHaveProperty('last-event-id');
    stream.send(2);
    await waitFor(() => expect(result.current.data).toBe(2));
    rerender({ path: null });
    await stream.left;
    expect(result.current).toMatchObject({ status: 'closed', data: undefined, client: undefined });
    act(() =>
      [result.current.open, result.current.reconnect, result.current.close].forEach((call) => call()),
    );
    expect(server.requests).toBe(2);
  });

  it('tells why it was refused, and is opened and closed by hand', async () => {
    await server.close();
    server = await StreamServer.start({ status: 404 }, { status: 204 });
    const { result, rerender } = renderHook(({ path }) => useSse<Prices>(new URL(path, server.url)), {
      initialProps: { path: '/404' },
    });
    await waitFor(() => expect(result.current.status).toBe('closed'));
    expect(result.current.error).toMatchObject({ code: 'HTTP_STATUS', status: 404 });
    rerender({ path: '/204' });
    await waitFor(() => expect(result.current.status).toBe('closed'));
    expect(result.current.error).toBeUndefined();
    rerender({ path: '/' });
    const stream = await server.next();
    act(() => result.current.close());
    await stream.left;
    expect(result.current.status).toBe('closed');
    act(() => result.current.open());
    const second = await server.next();
    act(() => result.current.reconnect());
    await second.left;
    await server.next();
    await waitFor(() => expect(result.current.status).toBe('open'));
  });

  it('throws when rendering for an option that is wrong', () => {
    complaints.mockImplementation(() => undefined);
    expect(() => renderHook(() => useSse(server.url, { heartbeatMs: Number.NaN }))).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
    complaints.mockClear();
  });
});

describe('the types of useSse()', () => {
  it('are those of the contract', () => {
    const { result } = renderHook(() => useSse<Prices>(null));
    const { event, data } = result.current;
    const at: string | undefined = event?.type === 'closing' ? event.data.at : undefined;
    const either: number | { at: string } | undefined = data;
    expect([at, either]).toEqual([undefined, undefined]);
    renderHook(() =>
      useSse<Prices>(null, {
        on: {
          closing: ({ data: closing }) => closing.at.trim(),
          'sse:gap': ({ data: gap }) => gap.channels.length,
          // @ts-expect-error the contract has no such event
          opening: () => undefined,
        },
      }),
    );
    // @ts-expect-error nothing but the selected value is there
    renderHook(() => useSse<Prices, string>(null, { select: ({ status }) => status }).status);
  });
});

describe('useSse() with select', () => {
  it('renders when what is selected is another, and not for each event', async () => {
    let renders = 0;
    const { result } = renderHook(() => {
      renders += 1;
      return useSse<Prices, boolean>(server.url, { select: ({ event }) => Number(event?.data) >= 10 });
    });
    const stream = await server.next();
    stream.send(1);
    stream.send(2);
    await waitFor(() => expect(result.current.client?.lastEventId).toBe('2'));
    expect([renders, result.current.selected]).toEqual([1, false]);
    stream.send(10);
    await waitFor(() => expect(result.current.selected).toBe(true));
    stream.send(11);
    await waitFor(() => expect(result.current.client?.lastEventId).toBe('4'));
    expect(renders).toBe(2);
  });

  it('bears a selection that is another object each time', async () => {
    const { result } = renderHook(() =>
      useSse<Prices, { last: unknown }>(server.url, { select: ({ event }) => ({ last: event?.data }) }),
    );
    const stream = await server.next();
    stream.send(1);
    await waitFor(() => expect(result.current.selected).toEqual({ last: 1 }));
  });
});

describe('useSse() with a client made elsewhere', () => {
  let client: SseClient<Prices>;
  beforeEach(() => {
    client = createSseClient<Prices>(server.url, { manual: true });
  });
  afterEach(() => client.close());

  function Price({ name }: { name: string }) {
    const { status, data } = useSse(client);
    return h('p', null, `${name}: ${status} ${JSON.stringify(data)}`);
  }

  it('shows it in any number of components, and leaves it open', async () => {
    const page = render(h('div', null, h(Price, { name: 'a' }), h(Price, { name: 'b' })));
    expect(screen.getAllByText(/: closed undefined/)).toHaveLength(2);
    act(() => client.open());
    const stream = await server.next();
    stream.send(1);
    expect(await screen.findByText('a: open 1')).toBeTruthy();
    expect(screen.getByText('b: open 1')).toBeTruthy();
    page.unmount();
    const late = new Promise((resolve) => client.on('message', resolve));
    stream.send(2);
    await late;
    expect(client.getSnapshot().status).toBe('open');
    expect(server.requests).toBe(1);
  });
});
