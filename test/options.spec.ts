import { describe, expect, it } from '@jest/globals';
import {
  SseCompression,
  SseConnectionLimit,
  SseError,
  SseHeartbeat,
  SseModule,
  type SseModuleOptions,
  SseRetry,
  memoryBroker,
} from '@nestcast/sse';
import { Test } from '@nestjs/testing';

/** Starts an application with these options, whatever they are, and closes it. */
async function start(options: unknown): Promise<void> {
  const module = await Test.createTestingModule({
    imports: [SseModule.forRoot(options as SseModuleOptions)],
  }).compile();
  await module.close();
}

/** The same, with options that come later. */
async function startLater(options: unknown): Promise<void> {
  const useFactory = (): SseModuleOptions => options as SseModuleOptions;
  const module = await Test.createTestingModule({
    imports: [SseModule.forRootAsync({ useFactory })],
  }).compile();
  await module.close();
}

const unset = 'NESTCAST_NO_SUCH_VARIABLE';

/** What is given, and what the error must name of it. */
const bad: [what: string, options: object, named: string][] = [
  ['a negative interval', { heartbeat: { intervalMs: -1 } }, 'heartbeat.intervalMs'],
  [
    'NaN of an unset variable',
    { retry: { ms: Number(process.env[unset]) } },
    'retry.ms must be an integer number (got NaN)',
  ],
  ['Infinity', { maxConnectionAge: { ms: Infinity } }, 'maxConnectionAge.ms'],
  ['a fraction', { history: { maxEvents: 1.5 } }, 'history.maxEvents'],
  ['a string', { limits: { perUser: '6' } }, 'limits.perUser must be an integer number (got "6")'],
  ['a null', { heartbeat: { intervalMs: null } }, 'heartbeat.intervalMs'],
  ['a null limit', { limits: { total: null } }, 'limits.total'],
  ['a delay no timer can have', { drain: { readinessDelayMs: 2 ** 31 } }, 'drain.readinessDelayMs'],
  ['no time to reconnect in', { drain: { reconnectWindowMs: -1 } }, 'drain.reconnectWindowMs'],
  ['a delay below 0', { pressure: { eventLoopDelayMs: -1 } }, 'pressure.eventLoopDelayMs'],
  ['a heap of more than all', { pressure: { heapUsedRatio: 90 } }, 'pressure.heapUsedRatio'],
  [
    'samples without an interval',
    { pressure: { sampleMs: 0 } },
    'pressure.sampleMs must not be less than 1 (got 0)',
  ],
  ['an idle time of NaN', { pressure: { idleMs: Number.NaN } }, 'pressure.idleMs'],
  ['a share above 1', { pressure: { shedRatio: 1.5 } }, 'pressure.shedRatio'],
  ['a surplus below 0', { balance: { surplusRatio: -1 } }, 'balance.surplusRatio'],
  ['a least surplus of none', { balance: { surplusMin: 0 } }, 'balance.surplusMin'],
  ['a share of more than all', { balance: { shedRatio: 2 } }, 'balance.shedRatio'],
  ['an interval of NaN', { balance: { intervalMs: Number.NaN } }, 'balance.intervalMs'],
  ['an unknown refusal', { pressure: { refusal: 'close' } }, 'pressure.refusal'],
  ['an age that keeps nothing', { history: { maxAgeMs: 0 } }, 'history.maxAgeMs'],
  ['a rate of nothing', { limits: { opensPerMinute: 0 } }, 'limits.opensPerMinute'],
  ['no buffer', { overflow: { maxBufferedBytes: 0 } }, 'overflow.maxBufferedBytes'],
  ['an unknown policy', { overflow: { policy: 'drop' } }, 'overflow.policy'],
  ['a negative limit', { limits: { total: -1 } }, 'limits.total must not be less than 0 (got -1)'],
  ['a limit of NaN', { limits: { perIp: Number.NaN } }, 'limits.perIp must be an integer number (got NaN)'],
  ['half a connection', { limits: { perChannel: 0.5 } }, 'limits.perChannel must be an integer number'],
  [
    'an unknown policy of limits',
    { limits: { policy: 'evict' } },
    'limits.policy must be one of the following values: reject-new, evict-oldest (got "evict")',
  ],
  [
    'an unknown refusal',
    { limits: { refusal: '429' } },
    'limits.refusal must be one of the following values: status, stream, stop (got "429")',
  ],
  ['an unknown refusal of the drain', { drain: { refusal: null } }, 'drain.refusal must be one of'],
  ['a window of NaN', { drain: { reconnectWindowMs: Number.NaN } }, 'drain.reconnectWindowMs must be an int'],
  ['a jitter above 1', { retry: { jitter: 1.1 } }, 'retry.jitter'],
  ['a jitter below 0', { maxConnectionAge: { jitter: -0.1 } }, 'maxConnectionAge.jitter'],
  ['a number for a boolean', { heartbeat: { visible: 1 } }, 'heartbeat.visible'],
  [
    'an unknown encoding',
    { compression: { encodings: ['gzip', 'deflate'] } },
    'compression.encodings: each value in encodings must be one of the following values: br, zstd, gzip',
  ],
  ['encodings that are no list', { compression: { encodings: 'gzip' } }, 'compression.encodings'],
  ['a threshold below 0', { compression: { thresholdBytes: -1 } }, 'compression.thresholdBytes'],
  ['an unknown option', { heartbeats: {} }, 'heartbeats is not an option'],
  ['an unknown option of a group', { heartbeat: { interval: 1 } }, 'heartbeat.interval is not an option'],
  ['a group that is null', { limits: null }, 'limits takes an object of options, but got null'],
  ['a group that is a number', { heartbeat: 15_000 }, 'heartbeat takes an object of options, but got 15000'],
  ['a group that is a list', { compression: ['gzip'] }, 'compression takes an object of options'],
  ['a broker that is none', { broker: { publish: () => undefined } }, 'broker must be a function'],
  ['channels that are a list', { channels: ['a'] }, 'channels takes an object of options'],
  ['options of a channel that are none', { channels: { a: 50 } }, 'channels["a"] takes an object of options'],
  [
    'an unknown option of a channel',
    { channels: { a: { linger: 5 } } },
    'channels["a"].linger is not an option',
  ],
  ['a channel without a name', { channels: { '': {} } }, 'channels[""] is no name of a channel'],
  ['a line break in a pattern', { channels: { 'a\n*': {} } }, 'channels["a\\n*"] is no name of a channel'],
  [
    'a window below 0',
    { channels: { a: { coalesceMs: -1 } } },
    'channels["a"].coalesceMs must not be less than 0 (got -1)',
  ],
  [
    'a batch of nothing',
    { channels: { 'prices/*': { batch: { maxItems: 0 } } } },
    'channels["prices/*"].batch.maxItems must not be less than 1 (got 0)',
  ],
  [
    'a batch without a window',
    { channels: { a: { batch: { windowMs: 0 } } } },
    'channels["a"].batch.windowMs must not be less than 1',
  ],
  [
    'a batch of a reserved type',
    { channels: { a: { batch: { type: 'sse:batch' } } } },
    'channels["a"].batch.type must be a type that an event may have (got "sse:batch")',
  ],
  ['a batch without a type', { channels: { a: { batch: { type: '' } } } }, 'channels["a"].batch.type'],
  ['a batch that is a boolean', { channels: { a: { batch: true } } }, 'channels["a"].batch takes an object'],
  ['a stall of no time', { overflow: { stallMs: -1 } }, 'overflow.stallMs must not be less than 0 (got -1)'],
  ['a stall that is NaN', { overflow: { stallMs: Number(process.env[unset]) } }, 'overflow.stallMs'],
  [
    'a keep-alive that no socket can have',
    { tcpKeepAlive: { initialDelayMs: 999 } },
    'tcpKeepAlive.initialDelayMs must be 0, or an integer from 1000 to 32767999 (got 999)',
  ],
  [
    'a keep-alive that is none',
    { tcpKeepAlive: { initialDelayMs: Number.NaN } },
    'tcpKeepAlive.initialDelayMs',
  ],
  [
    'a long poll of less than a second',
    { longPoll: { maxWaitMs: 999 } },
    'longPoll.maxWaitMs must be 0, or an integer from 1000 to 2147483647 (got 999)',
  ],
  ['a keep-alive that is a number', { tcpKeepAlive: 30_000 }, 'tcpKeepAlive takes an object'],
  ['an expiry that is none', { expiresAt: 1_900_000 }, 'expiresAt must be a function (got 1900000)'],
  ['a tenant that is none', { tenant: 'acme' }, 'tenant must be a function (got "acme")'],
  ['a ticket that never lives', { tickets: { ttlMs: 0 } }, 'tickets.ttlMs must not be less than 1 (got 0)'],
  ['a ticket that lives for NaN', { tickets: { ttlMs: Number.NaN } }, 'tickets.ttlMs'],
  ['a ticket that lives for a day', { tickets: { ttlMs: 86_400_000 } }, 'tickets.ttlMs'],
  ['a ticket in no parameter', { tickets: { parameter: '' } }, 'tickets.parameter'],
  ['a ticket in no name', { tickets: { parameter: 'a&b' } }, 'tickets.parameter'],
  [
    'a ticket in the place of the last event id',
    { tickets: { parameter: 'lastEventId' } },
    'tickets.parameter should not be equal to lastEventId',
  ],
  [
    'a pattern that no channel can have',
    { telemetry: { channelPatterns: ['user/*', ''] } },
    'telemetry.channelPatterns: each value in channelPatterns must be a name that a channel may have',
  ],
  ['patterns that are no list', { telemetry: { channelPatterns: 'user/*' } }, 'telemetry.channelPatterns'],
  ['a string for a boolean', { telemetry: { eventSpans: 'yes' } }, 'telemetry.eventSpans'],
  ['an unknown option of telemetry', { telemetry: { spans: true } }, 'telemetry.spans is not an option'],
  ['close records that are no boolean', { closeRecords: 'log' }, 'closeRecords must be a boolean value'],
  ['an identify that is none', { identify: 'user.id' }, 'identify must be a function (got "user.id")'],
];

describe('the options of SseModule', () => {
  it.each(bad)('%s stops the start', async (_, options, named) => {
    const error: unknown = await start(options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SseError);
    expect(error).toMatchObject({ code: 'INVALID_OPTION' });
    expect((error as SseError).message).toMatch(/^SseModule: /);
    expect((error as SseError).message).toContain(named);
  });

  it('are no list and not null', async () => {
    await expect(startLater(null)).rejects.toThrow('SseModule takes an object of options, but got null.');
    await expect(startLater(['gzip'])).rejects.toThrow('SseModule takes an object of options, but got gzip.');
  });

  it('that are wrong are all named at once', async () => {
    const options = { heartbeat: { intervalMs: -1, visible: 'no' }, retry: { jitter: 2 }, drain: 5, typo: 1 };
    const error = (await start(options).catch((reason: unknown) => reason)) as SseError;
    for (const name of ['heartbeat.intervalMs', 'heartbeat.visible', 'retry.jitter', 'drain', 'typo']) {
      expect(error.message).toContain(name);
    }
  });

  it('may be those of the documentation', async () => {
    await start({
      broker: memoryBroker(),
      history: { maxEvents: 1_000, maxAgeMs: 600_000 },
      heartbeat: { intervalMs: 15_000, visible: false },
      retry: { ms: 3_000, jitter: 0.3 },
      compression: { encodings: ['br', 'zstd', 'gzip'], thresholdBytes: 512 },
      limits: {
        total: 10_000,
        perUser: 6,
        perIp: 50,
        perChannel: undefined,
        opensPerMinute: 60,
        policy: 'evict-oldest',
        refusal: 'stream',
      },
      overflow: { maxBufferedBytes: 1_048_576, policy: 'catch-up', stallMs: 30_000 },
      tcpKeepAlive: { initialDelayMs: 30_000 },
      longPoll: { maxWaitMs: 25_000 },
      tickets: { secret: undefined, ttlMs: 30_000, parameter: 'ticket' },
      maxConnectionAge: { ms: 3_600_000, jitter: 0.2 },
      drain: { reconnectWindowMs: 5_000, readinessDelayMs: 0, refusal: 'stop' },
      pressure: {
        eventLoopDelayMs: 500,
        heapUsedRatio: 0.9,
        sampleMs: 1_000,
        idleMs: 60_000,
        shedRatio: 0.05,
        refusal: 'status',
      },
      channels: {
        'prices/*': { batch: { maxItems: 100, windowMs: 50, type: 'batch' } },
        'a*b': { coalesceMs: 0, batch: undefined },
        '*': undefined,
      },
      telemetry: { channelPatterns: ['user/*', 'announcements'], eventSpans: false },
      closeRecords: true,
      identify: (req: { user?: { id: string } }) => req.user?.id,
      tenant: (req: { user?: { tenant: string } }) => req.user?.tenant,
      expiresAt: () => undefined,
    });
  });

  it('may be none, or nothing but undefined', async () => {
    await start({});
    await start({
      heartbeat: undefined,
      limits: { total: undefined },
      retry: { ms: undefined },
      broker: undefined,
    });
  });
});

describe('the secret of tickets', () => {
  const short = 'thirty-one bytes are too few...';
  it.each([
    ['a short one', short],
    ['none', ''],
    ['an empty list', []],
    ['a list with one that is short', [`${short}.`, short]],
    ['a list with one that is unset', [`${short}.`, process.env[unset]]],
    ['bytes', Buffer.alloc(32)],
    ['a null', null],
  ])('is not %s, and in no message', async (_, secret) => {
    const error = (await start({ tickets: { secret } }).catch((reason: unknown) => reason)) as SseError;
    expect(error).toMatchObject({
      code: 'INVALID_OPTION',
      message: 'SseModule: tickets.secret must be one or more strings of at least 32 bytes each.',
    });
  });

  it('has 32 bytes or more', async () => {
    await start({ tickets: { secret: `${short}.` } });
    await start({ tickets: { secret: ['ä'.repeat(16), `${short}.`] } });
  });
});

describe("the decorators' options", () => {
  const decorators: [name: string, decorate: () => unknown, named: string][] = [
    ['SseHeartbeat', () => SseHeartbeat({ intervalMs: -5 }), 'intervalMs must not be less than 0 (got -5)'],
    ['SseRetry', () => SseRetry({ ms: Number.NaN }), 'ms must be an integer number (got NaN)'],
    ['SseCompression', () => SseCompression({ encodings: ['deflate' as 'gzip'] }), 'encodings'],
    ['SseConnectionLimit', () => SseConnectionLimit({ perUser: 2.5 }), 'perUser must be an integer number'],
    ['SseConnectionLimit', () => SseConnectionLimit({ perIp: -1 }), 'perIp must not be less than 0 (got -1)'],
    ['SseConnectionLimit', () => SseConnectionLimit({ opensPerMinute: Number.NaN }), '(got NaN)'],
    [
      'SseConnectionLimit',
      () => SseConnectionLimit({ policy: 'oldest' as 'evict-oldest' }),
      'policy must be one of the following values: reject-new, evict-oldest (got "oldest")',
    ],
    [
      'SseConnectionLimit',
      () => SseConnectionLimit({ refusal: 204 as unknown as 'stop' }),
      'refusal must be one of the following values: status, stream, stop (got 204)',
    ],
    ['SseHeartbeat', () => SseHeartbeat({ every: 5 } as object), 'every is not an option'],
    ['SseRetry', () => SseRetry(3_000 as unknown as object), 'takes an object of options, but got 3000'],
  ];
  it.each(decorators)('@%s() throws where it stands', (name, decorate, named) => {
    expect(decorate).toThrow(SseError);
    expect(decorate).toThrow(`@${name}()`);
    expect(decorate).toThrow(named);
  });
});
