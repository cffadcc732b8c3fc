import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Broker, memoryBroker } from '@nestcast/hub';
import { SseChannel, type SseEvent, type SseModuleOptions } from '@nestcast/sse';
import { Controller, Param } from '@nestjs/common';
import { type Context, SpanKind, SpanStatusCode, context, diag, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { NEVER } from 'rxjs';
import { nextClose } from './support/lifecycle.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

@Controller('streams')
class StreamController {
  @SseChannel('channels/:name')
  channel(@Param('name') name: string) {
    return [name, 'announcements'];
  }

  @SseChannel('private')
  private() {
    return NEVER;
  }

  @SseChannel('broken')
  broken(): SseEvent[] {
    throw new Error('broken handler');
  }
}

describe.each(adapters)('traces on %s', (adapter) => {
  let exporter: InMemorySpanExporter;
  let provider: BasicTracerProvider;
  let app: TestApp;

  beforeEach(() => {
    exporter = new InMemorySpanExporter();
    provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    trace.setGlobalTracerProvider(provider);
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  });
  afterEach(async () => {
    await app.close();
    await provider.shutdown();
    trace.disable();
    context.disable();
  });

  /** Requests of it run in a context of their own, as instrumentation of the server would make one. */
  async function start(sse: SseModuleOptions = {}, around?: Context): Promise<void> {
    app = await startApp(adapter, {
      controllers: [StreamController],
      sse,
      configure: (nest) => {
        nest.use((_request: unknown, _response: unknown, next: () => void) =>
          around ? context.with(around, next) : next(),
        );
      },
    });
  }

  const spans = (name: string): ReadableSpan[] =>
    exporter.getFinishedSpans().filter((span) => span.name === name);

  it('have a short span for an open, with its route and without its query', async () => {
    const request = provider.getTracer('http').startSpan('GET');
    await start({}, trace.setSpan(context.active(), request));
    const stream = await app.open('/streams/channels/user%2F1?ticket=secret');
    await stream.connectionId();
    const [span] = spans('sse.open');
    expect(span).toMatchObject({
      kind: SpanKind.INTERNAL,
      attributes: {
        'http.route': '/streams/channels/:name',
        'sse.channels': 2,
        'sse.open.outcome': 'opened',
      },
      status: { code: SpanStatusCode.UNSET },
    });
    expect(span?.parentSpanContext?.spanId).toBe(request.spanContext().spanId);
    expect(span?.spanContext().traceId).toBe(request.spanContext().traceId);
    // Over while the stream is open.
    expect(app.channels.stats().connections).toBe(1);
    expect(JSON.stringify([span?.attributes, span?.name, span?.events])).not.toContain('secret');
  });

  it('say what became of an open that was none', async () => {
    await start({ limits: { perIp: 1 } });
    const first = await app.open('/streams/channels/a');
    await first.connectionId();
    expect((await app.open('/streams/channels/a')).status).toBe(429);
    const closed = nextClose(app);
    await first.abort();
    await closed;
    expect((await app.open('/streams/broken')).status).toBe(500);
    const head = await app.open('/streams/private', { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(
      spans('sse.open').map(({ attributes, status }) => [attributes['sse.open.outcome'], status.code]),
    ).toEqual([
      ['opened', SpanStatusCode.UNSET],
      ['refused', SpanStatusCode.UNSET],
      ['failed', SpanStatusCode.ERROR],
      ['head', SpanStatusCode.UNSET],
    ]);
  });

  it('have a producer’s span for a publish, in that of the publisher', async () => {
    let broker: Broker | undefined;
    const brokerIn: (string | undefined)[] = [];
    await start({
      telemetry: { channelPatterns: ['user/*'] },
      broker: (options) => {
        broker = memoryBroker()(options);
        const publish = broker.publish.bind(broker);
        return Object.assign(broker, {
          publish: (...args: Parameters<Broker['publish']>) => {
            brokerIn.push(trace.getActiveSpan()?.spanContext().spanId);
            return publish(...args);
          },
        });
      },
    });
    const own = provider.getTracer('application').startSpan('business');
    const active = trace.setSpan(context.active(), own);
    const id = await context.with(active, () => app.channels.publish('user/1', { data: 1 }));
    const [span] = spans('sse.publish');
    expect(span).toMatchObject({
      kind: SpanKind.PRODUCER,
      attributes: { 'sse.channel.pattern': 'user/*', 'sse.channel': 'user/1', 'sse.event.id': id },
    });
    expect(span?.parentSpanContext?.spanId).toBe(own.spanContext().spanId);
    // What the broker does of its own is part of it.
    expect(brokerIn).toEqual([span?.spanContext().spanId]);
    Object.assign(broker ?? {}, { publish: () => Promise.reject(new Error('broker is down')) });
    await expect(app.channels.publish('user/1', { data: 2 })).rejects.toThrow('broker is down');
    expect(spans('sse.publish').at(-1)).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      events: [{ name: 'exception' }],
    });
  });

  it.each([true, false])(
    'have a span for a delivery, linked to its publishes, on request: %s',
    async (eventSpans) => {
      await start({ telemetry: { eventSpans } });
      const streams = [await app.open('/streams/channels/a'), await app.open('/streams/channels/a')];
      await Promise.all(streams.map((stream) => stream.connectionId()));
      await Promise.all([1, 2].map((data) => app.channels.publish('a', { data })));
      await Promise.all(streams.map((stream) => stream.take(2)));
      await new Promise(setImmediate);
      const delivered = spans('sse.deliver');
      expect(delivered).toHaveLength(eventSpans ? 1 : 0);
      if (eventSpans) {
        expect(delivered[0]).toMatchObject({
          kind: SpanKind.CONSUMER,
          attributes: { 'sse.channel': 'a', 'sse.channel.pattern': 'other', 'sse.events': 2 },
        });
        expect(delivered[0]?.parentSpanContext).toBeUndefined();
        expect(delivered[0]?.links.map((link) => link.context.spanId)).toEqual(
          spans('sse.publish').map((span) => span.spanContext().spanId),
        );
      }
      const names = exporter.getFinishedSpans().map(({ name }) => name);
      expect(names.filter((name) => name === 'sse.open')).toHaveLength(2);
    },
  );

  it('hurt no delivery where the application’s own span processor throws', async () => {
    const reports: unknown[] = [];
    const report = (...args: unknown[]): void => void reports.push(args);
    diag.setLogger({ error: report, warn: report, info: report, debug: report, verbose: report });
    const onEnd = jest.spyOn(SimpleSpanProcessor.prototype, 'onEnd').mockImplementation(({ name }) => {
      if (name === 'sse.deliver') {
        throw new Error('the processor throws');
      }
    });
    await start({ telemetry: { eventSpans: true } });
    const stream = await app.open('/streams/channels/a');
    await stream.connectionId();
    await app.channels.publish('a', { data: 1 });
    await app.channels.publish('a', { data: 2 });
    expect((await stream.take(2)).map(({ data }) => data)).toEqual(['1', '2']);
    diag.disable();
    onEnd.mockRestore();
    expect(reports).toContainEqual([
      '@nestcast/sse: a delivery could not be told',
      new Error('the processor throws'),
    ]);
  });
});
