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
  ['an age that keeps nothing', { history: { maxAgeMs: 0 } }, 'history.maxAgeMs'],
  ['a rate of nothing', { limits: { opensPerMinute: 0 } }, 'limits.opensPerMinute'],
  ['no buffer', { overflow: { maxBufferedBytes: 0 } }, 'overflow.maxBufferedBytes'],
  ['an unknown policy', { overflow: { policy: 'drop' } }, 'overflow.policy'],
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
  [
    'a pattern that no channel can have',
    { telemetry: { channelPatterns: ['user/*', ''] } },
    'telemetry.channelPatterns: each of channelPatterns must be a name of a channel',
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
      limits: { total: 10_000, perUser: 6, perIp: 50, perChannel: undefined, opensPerMinute: 60 },
      overflow: { maxBufferedBytes: 1_048_576, policy: 'catch-up' },
      maxConnectionAge: { ms: 3_600_000, jitter: 0.2 },
      drain: { reconnectWindowMs: 5_000, readinessDelayMs: 0 },
      channels: {
        'prices/*': { batch: { maxItems: 100, windowMs: 50, type: 'batch' } },
        'a*b': { coalesceMs: 0, batch: undefined },
        '*': undefined,
      },
      telemetry: { channelPatterns: ['user/*', 'announcements'], eventSpans: false },
      closeRecords: true,
      identify: (req: { user?: { id: string } }) => req.user?.id,
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

describe("the decorators' options", () => {
  const decorators: [name: string, decorate: () => unknown, named: string][] = [
    ['SseHeartbeat', () => SseHeartbeat({ intervalMs: -5 }), 'intervalMs must not be less than 0 (got -5)'],
    ['SseRetry', () => SseRetry({ ms: Number.NaN }), 'ms must be an integer number (got NaN)'],
    ['SseCompression', () => SseCompression({ encodings: ['deflate' as 'gzip'] }), 'encodings'],
    ['SseConnectionLimit', () => SseConnectionLimit({ perUser: 2.5 }), 'perUser must be an integer number'],
    ['SseHeartbeat', () => SseHeartbeat({ every: 5 } as object), 'every is not an option'],
    ['SseRetry', () => SseRetry(3_000 as unknown as object), 'takes an object of options, but got 3000'],
  ];
  it.each(decorators)('@%s() throws where it stands', (name, decorate, named) => {
    expect(decorate).toThrow(SseError);
    expect(decorate).toThrow(`@${name}()`);
    expect(decorate).toThrow(named);
  });
});
