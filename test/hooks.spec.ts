import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type CloseReason,
  type Connection,
  OnSseConnect,
  OnSseDisconnect,
  SseChannel,
  SseError,
  type SseEvent,
} from '@nestcast/sse';
import { Controller, Inject, Injectable, Scope } from '@nestjs/common';
import { Subject } from 'rxjs';
import { nextClose } from './support/lifecycle.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

const who = new AsyncLocalStorage<string>();
let calls: unknown[][] = [];
let contexts: (string | undefined)[] = [];
let source = new Subject<SseEvent>();

@Controller()
class StreamController {
  private readonly name = 'controller';

  @SseChannel('news')
  news() {
    return ['news', 'sports'];
  }

  @SseChannel('private')
  private() {
    return source;
  }

  @SseChannel('refused')
  refused() {
    return [];
  }

  @OnSseConnect()
  joined({ id }: Connection) {
    calls.push([this.name, 'connect', id]);
    contexts.push(who.getStore());
  }
}

@Injectable()
class Presence {
  private readonly name = 'provider';

  @OnSseConnect()
  async joined({ id }: Connection) {
    calls.push([this.name, 'connect', id]);
  }

  @OnSseDisconnect()
  left({ id, channels }: Connection, reason: CloseReason, error?: unknown) {
    calls.push([this.name, 'disconnect', id, reason, error, [...channels.keys()]]);
    contexts.push(who.getStore());
  }
}

/** Inherits its hooks, and has an alias. */
@Injectable()
class Inheriting extends Presence {}

@Injectable()
class Failing {
  @OnSseConnect()
  throws() {
    throw new Error('a hook that throws');
  }

  @OnSseDisconnect()
  async rejects() {
    throw new Error('a hook that rejects');
  }
}

/** Lets nobody in. */
@Injectable()
class Bouncer {
  @OnSseConnect()
  joined(connection: Connection) {
    connection.close('revoked');
  }
}

@Injectable({ scope: Scope.REQUEST })
class OfRequest {
  @OnSseConnect()
  joined() {
    // Never called.
  }
}

@Injectable({ scope: Scope.TRANSIENT })
class Transient {
  @OnSseDisconnect()
  left() {
    // Never called.
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {}

@Injectable()
class Depending {
  constructor(@Inject(PerRequest) readonly other: PerRequest) {}

  @OnSseConnect()
  joined() {
    // Never called.
  }
}

describe.each(adapters)('lifecycle hooks on %s', (adapter) => {
  let app: TestApp | undefined;
  afterEach(() => app?.close());

  async function start(
    ...providers: NonNullable<Parameters<typeof startApp>[1]['providers']>
  ): Promise<TestApp> {
    calls = [];
    contexts = [];
    source = new Subject();
    app = await startApp(adapter, {
      controllers: [StreamController],
      providers,
      configure: (nest) => {
        nest.use((_request: unknown, _response: unknown, next: () => void) => who.run('request', next));
      },
    });
    return app;
  }

  it('are called once for each connection, on providers and controllers', async () => {
    const { open, close } = await start(Presence).then((started) => ({
      open: (path: string) => started.open(path),
      close: () => nextClose(started),
    }));
    const [news, other] = [await open('/news'), await open('/private')];
    const [first, second] = [await news.connectionId(), await other.connectionId()];
    const closed = close();
    await news.abort();
    await closed;
    const failed = close();
    const error = new Error('source failed');
    source.error(error);
    await failed;
    expect(calls).toEqual([
      ['provider', 'connect', first],
      ['controller', 'connect', first],
      ['provider', 'connect', second],
      ['controller', 'connect', second],
      ['provider', 'disconnect', first, 'client', undefined, ['news', 'sports']],
      ['provider', 'disconnect', second, 'error', error, []],
    ]);
  });

  it.each(['/news', '/private'])(
    'hear of the opening first, though one of them ends it: %s',
    async (path) => {
      const started = await start(Bouncer, Presence);
      const stream = await started.open(path);
      expect(await stream.control('sse:goodbye')).toEqual({ reason: 'revoked' });
      expect(await stream.ended).toBe('end');
      expect(calls.map((call) => call.slice(0, 2))).toEqual([
        ['provider', 'connect'],
        ['controller', 'connect'],
        ['provider', 'disconnect'],
      ]);
      expect(started.logger.errors).toEqual([]);
    },
  );

  it('are called once where the provider has an alias, and may be inherited', async () => {
    const started = await start(Inheriting, { provide: 'alias', useExisting: Inheriting });
    const stream = await started.open('/news');
    const id = await stream.connectionId();
    expect(calls).toEqual([
      ['provider', 'connect', id],
      ['controller', 'connect', id],
    ]);
  });

  it('are not called for what was never open', async () => {
    const started = await start(Presence);
    const stream = await started.open('/refused');
    expect(stream.status).toBe(500);
    expect(calls).toEqual([]);
  });

  it('run in no request’s context', async () => {
    const started = await start(Presence);
    const stream = await started.open('/news');
    const connectionId = await stream.connectionId();
    await who.run('closer', () => started.channels.disconnect({ connectionId }));
    expect(contexts).toEqual([undefined, undefined]);
  });

  it('that fail are logged, and hurt neither the stream nor other hooks', async () => {
    const started = await start(Failing, Presence);
    const stream = await started.open('/news');
    await stream.connectionId();
    await started.channels.publish('news', { data: 'still there' });
    expect(await stream.next()).toMatchObject({ data: 'still there' });
    const closed = nextClose(started);
    await stream.abort();
    await closed;
    await new Promise(setImmediate);
    expect(calls.map((call) => call.slice(0, 2))).toContainEqual(['provider', 'disconnect']);
    expect(started.logger.errors).toEqual([
      expect.stringContaining('Failing.throws() for the connection'),
      expect.stringContaining('a hook that rejects'),
    ]);
  });

  it.each([
    ['OfRequest.joined()', OfRequest, []],
    ['Transient.left()', Transient, []],
    ['Depending.joined()', Depending, [PerRequest]],
  ])('stop the start where there is not one instance for all: %s', async (name, provider, others) => {
    app = undefined;
    const error: unknown = await start(provider, ...others).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SseError);
    expect((error as SseError).message).toContain(`The hook ${name} can't be called`);
  });
});
