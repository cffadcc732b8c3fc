/** @jest-environment ./libs/client/src/spec-support/browser-environment.js */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { enableAutoUnmount, mount } from '@vue/test-utils';
import {
  KeepAlive,
  createSSRApp,
  defineComponent,
  effectScope,
  h,
  nextTick,
  ref,
  shallowRef,
  watch,
} from 'vue';
import { renderToString } from 'vue/server-renderer';
import { type SseClient, createSseClient } from '../sse-client.js';
import { StreamServer } from '../spec-support/stream-server.js';
import { type UseSse, useSse } from './use-sse.js';

interface Prices {
  message: number;
  closing: { at: string };
}

let server: StreamServer;
let complaints: jest.SpiedFunction<typeof console.warn>;

enableAutoUnmount(afterEach);
beforeEach(async () => {
  complaints = jest.spyOn(console, 'warn');
  server = await StreamServer.start();
});
afterEach(async () => {
  await server.close();
  expect(complaints.mock.calls).toEqual([]);
  complaints.mockRestore();
});

/** Resolves once what is read of refs is so. */
function until(holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = watch(
      holds,
      (yes) => {
        if (yes) {
          queueMicrotask(() => stop());
          resolve();
        }
      },
      { immediate: true },
    );
  });
}

/** A component of what a composable returns, and its text. */
function mounted(setup: () => UseSse<Prices>) {
  let sse: UseSse<Prices> | undefined;
  const wrapper = mount(
    defineComponent(() => {
      const { status, data } = (sse = setup());
      return () => h('p', `${status.value} ${JSON.stringify(data.value)}`);
    }),
  );
  return { wrapper, sse: sse as UseSse<Prices> };
}

describe('useSse() in a component', () => {
  it('shows the stream while it is mounted, and closes it then', async () => {
    const { wrapper, sse } = mounted(() => useSse<Prices>(server.url));
    expect(wrapper.text()).toBe('connecting undefined');
    const stream = await server.next();
    stream.send(1);
    await until(() => sse.data.value === 1);
    await nextTick();
    expect(wrapper.text()).toBe('open 1');
    expect(sse.event.value).toEqual({ type: 'message', data: 1, id: '1' });
    wrapper.unmount();
    await stream.left;
    expect(sse.status.value).toBe('closed');
    expect(server.requests).toBe(1);
  });

  it('begins at once where the component is mounted already', async () => {
    let sse: UseSse<Prices> | undefined;
    const wrapper = mount({
      render: () => null,
      mounted() {
        sse = useSse<Prices>(server.url);
      },
    });
    const stream = await server.next();
    stream.send(1);
    await until(() => sse?.data.value === 1);
    wrapper.unmount();
    await stream.left;
  });

  it('goes on while <KeepAlive> keeps it out of sight', async () => {
    let sse: UseSse<Prices> | undefined;
    const Price = defineComponent(() => {
      sse = useSse<Prices>(server.url);
      return () => h('p', JSON.stringify(sse?.data.value));
    });
    const seen = ref(true);
    const wrapper = mount(() => h(KeepAlive, seen.value ? h(Price) : h('hr')));
    const stream = await server.next();
    seen.value = false;
    await nextTick();
    expect(wrapper.find('p').exists()).toBe(false);
    stream.send(1);
    await until(() => sse?.data.value === 1);
    seen.value = true;
    await nextTick();
    expect(wrapper.text()).toBe('1');
    expect(server.requests).toBe(1);
    wrapper.unmount();
    await stream.left;
  });

  it('comes back after the end of a stream, from its last event', async () => {
    const { sse } = mounted(() => useSse<Prices>(server.url));
    const stream = await server.next();
    stream.send(1);
    stream.end();
    const again = await server.next();
    expect(again.request.headers['last-event-id']).toBe('1');
    again.send(2);
    await until(() => sse.data.value === 2);
  });

  it('hears each event of the types that are asked for', async () => {
    const [heard, all]: [number[], string[]] = [[], []];
    const { sse } = mounted(() =>
      useSse<Prices>(server.url, {
        on: {
          message: ({ data }) => heard.push(data + 0.5),
          '*': ({ type }) => all.push(type),
          // @ts-expect-error the contract has no such event
          opening: () => undefined,
        },
      }),
    );
    const stream = await server.next();
    stream.send(1);
    stream.send({ at: 'noon' }, 'closing');
    stream.send(2);
    await until(() => sse.data.value === 2);
    expect(heard).toEqual([1.5, 2.5]);
    expect(all).toEqual(['message', 'closing', 'message']);
  });

  it('goes to another URL, or to none, and shows nothing of the former', async () => {
    const path = ref<string | null>('/a');
    const { sse, wrapper } = mounted(() =>
      useSse<Prices>(() => (path.value === null ? null : new URL(path.value, server.url))),
    );
    const former = await server.next();
    former.send(1);
    await until(() => sse.data.value === 1);
    path.value = '/a?';
    path.value = '/a';
    await nextTick();
    expect(sse.data.value).toBe(1);
    path.value = '/b';
    await nextTick();
    expect(wrapper.text()).toBe('connecting undefined');
    await former.left;
    const stream = await server.next();
    expect(stream.request.url).toBe('/b');
    expect(stream.request.headers).not.toHaveProperty('last-event-id');
    stream.send(2);
    await until(() => sse.data.value === 2);
    path.value = null;
    await stream.left;
    expect(sse.client.value).toBeUndefined();
    expect(sse.snapshot.value).toMatchObject({ status: 'closed', event: undefined });
    [sse.open, sse.reconnect, sse.close].forEach((call) => call());
    expect(server.requests).toBe(2);
  });

  it('tells why it was refused, and is opened and closed by hand', async () => {
    await server.close();
    server = await StreamServer.start({ status: 404 });
    const path = ref('/404');
    const { sse } = mounted(() => useSse<Prices>(() => new URL(path.value, server.url)));
    await until(() => sse.status.value === 'closed');
    expect(sse.error.value).toMatchObject({ code: 'HTTP_STATUS', status: 404 });
    path.value = '/';
    const stream = await server.next();
    sse.close();
    await stream.left;
    expect(sse.status.value).toBe('closed');
    sse.open();
    const second = await server.next();
    sse.reconnect();
    await second.left;
    await server.next();
    await until(() => sse.status.value === 'open');
  });
});

describe('useSse() in an effect scope', () => {
  it('throws at once for an option that is wrong', () => {
    expect(() => effectScope().run(() => useSse(server.url, { heartbeatMs: Number.NaN }))).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
  });

  it('is open until the scope is disposed of', async () => {
    const scope = effectScope();
    const { status, data } = scope.run(() => useSse<Prices>(server.url)) as UseSse<Prices>;
    const stream = await server.next();
    stream.send(1);
    await until(() => data.value === 1);
    scope.stop();
    await stream.left;
    expect(status.value).toBe('closed');
  });
});

describe('useSse() with a client made elsewhere', () => {
  let client: SseClient<Prices>;
  beforeEach(() => {
    client = createSseClient<Prices>(server.url, { manual: true });
  });
  afterEach(() => client.close());

  it.each([
    ['itself', () => client],
    ['in a ref', () => ref(client)],
    ['in a shallow ref', () => shallowRef(client)],
  ])('given %s, shows it in any number of components, and leaves it open', async (_how, source) => {
    const [a, b] = [mounted(() => useSse(source())), mounted(() => useSse(source()))];
    await nextTick();
    expect(a.sse.status.value).toBe('closed');
    client.open();
    const stream = await server.next();
    stream.send(1);
    await until(() => a.sse.data.value === 1 && b.sse.data.value === 1);
    a.wrapper.unmount();
    b.wrapper.unmount();
    const late = new Promise((resolve) => client.on('message', resolve));
    stream.send(2);
    await late;
    expect(client.getSnapshot().status).toBe('open');
    expect(a.sse.data.value).toBe(1);
    expect(server.requests).toBe(1);
  });
});

describe('useSse() on a server', () => {
  it('requests nothing, subscribes to nothing, and goes on in the page without a mismatch', async () => {
    const shared = createSseClient<Prices>(server.url, { manual: true });
    const subscribe = jest.spyOn(shared, 'subscribe');
    const Price = defineComponent(() => {
      const [own, other] = [useSse<Prices>(server.url, { persist: true }), useSse(shared)];
      return () => h('p', `${own.status.value} ${other.status.value} ${JSON.stringify(own.data.value)}`);
    });
    const html = await renderToString(createSSRApp(Price));
    expect(html).toBe('<p>connecting connecting undefined</p>');
    expect([server.requests, subscribe.mock.calls.length]).toEqual([0, 0]);
    const container = document.createElement('div');
    container.innerHTML = html;
    const app = createSSRApp(Price);
    app.mount(container);
    const stream = await server.next();
    stream.send(1);
    await new Promise<void>((resolve) => {
      const look = (): void => (container.textContent === 'open closed 1' ? resolve() : undefined);
      new MutationObserver(look).observe(container, { childList: true, characterData: true, subtree: true });
    });
    app.unmount();
    await stream.left;
    expect(server.requests).toBe(1);
  });
});
