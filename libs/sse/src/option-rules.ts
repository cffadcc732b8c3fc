import { assertChannelName, assertEventType } from '@nestcast/hub';
import {
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsPositive,
  Matches,
  Max,
  Min,
  NotEquals,
  ValidateBy,
  ValidateIf,
} from 'class-validator';
import { complaintAboutEnd } from './end-time.js';
import { IsSecret } from './tickets/ticket-options.js';

/** What each option must be. Their meaning and defaults are documented where their interfaces are. */

/** The longest delay of Node's timers. */
const MAX_DELAY_MS = 2 ** 31 - 1;
/** The operating system takes seconds, 1 to 32,767. */
const MAX_KEEP_ALIVE_DELAY_MS = 32_767_999;
const REFUSALS = ['status', 'stream', 'stop'];

const IsFunction = (): PropertyDecorator =>
  ValidateBy({
    name: 'isFunction',
    validator: {
      validate: (value) => typeof value === 'function',
      defaultMessage: () => '$property must be a function',
    },
  });

const IsEventType = (): PropertyDecorator =>
  ValidateBy({
    name: 'isEventType',
    validator: {
      validate: (value) => value !== '' && complaintOf(assertEventType, value) === undefined,
      defaultMessage: () => '$property must be a type that an event may have',
    },
  });

/** What is measured in whole seconds: anything between 0 and the first of them would be something else than it says. */
const IsZeroOrSeconds = (maxMs: number): PropertyDecorator =>
  ValidateBy({
    name: 'isZeroOrSeconds',
    validator: {
      validate: (value) => value === 0 || (Number.isInteger(value) && value >= 1_000 && value <= maxMs),
      defaultMessage: () => `$property must be 0, or an integer from 1000 to ${maxMs}`,
    },
  });

const IsChannelName = (): PropertyDecorator =>
  ValidateBy(
    {
      name: 'isChannelName',
      validator: {
        validate: (value) => complaintOf(assertChannelName, value) === undefined,
        defaultMessage: () => 'each value in $property must be a name that a channel may have',
      },
    },
    { each: true },
  );

const IsId = (): PropertyDecorator =>
  ValidateBy({
    name: 'isId',
    validator: {
      validate: (value) => (typeof value === 'string' && value !== '') || Number.isFinite(value),
      defaultMessage: () => '$property must be a string that is not empty, or a number',
    },
  });

const IsEndTime = (): PropertyDecorator =>
  ValidateBy({
    name: 'isEndTime',
    validator: {
      validate: (value) => complaintAboutEndTime(value) === undefined,
      defaultMessage: (given) => `$property ${complaintAboutEndTime(given?.value)}`,
    },
  });

/** Unlike `@IsOptional()` it lets no `null` through. */
const MayBeLeftOut = (): PropertyDecorator => ValidateIf((_options, value) => value !== undefined);

export class HistoryRules {
  @MayBeLeftOut() @IsInt() @Min(0) maxEvents?: number;
  @MayBeLeftOut() @IsInt() @Min(1) maxAgeMs?: number;
}

export class HeartbeatRules {
  @MayBeLeftOut() @IsInt() @Min(0) @Max(MAX_DELAY_MS) intervalMs?: number;
  @MayBeLeftOut() @IsBoolean() visible?: boolean;
}

export class RetryRules {
  @MayBeLeftOut() @IsInt() @Min(0) @Max(MAX_DELAY_MS) ms?: number;
  @MayBeLeftOut() @IsNumber() @Min(0) @Max(1) jitter?: number;
}

export class CompressionRules {
  @MayBeLeftOut() @IsArray() @IsIn(['br', 'zstd', 'gzip'], { each: true }) encodings?: string[];
  @MayBeLeftOut() @IsInt() @Min(0) thresholdBytes?: number;
}

export class LimitRules {
  @MayBeLeftOut() @IsInt() @Min(0) total?: number;
  @MayBeLeftOut() @IsInt() @Min(0) perUser?: number;
  @MayBeLeftOut() @IsInt() @Min(0) perIp?: number;
  @MayBeLeftOut() @IsInt() @Min(0) perChannel?: number;
  @MayBeLeftOut() @IsInt() @Min(1) opensPerMinute?: number;
  @MayBeLeftOut() @IsIn(['reject-new', 'evict-oldest']) policy?: string;
  @MayBeLeftOut() @IsIn(REFUSALS) refusal?: string;
}

export class OverflowRules {
  @MayBeLeftOut() @IsInt() @Min(1) maxBufferedBytes?: number;
  @MayBeLeftOut() @IsIn(['catch-up', 'conflate', 'drop-oldest', 'disconnect']) policy?: string;
  @MayBeLeftOut() @IsInt() @Min(0) @Max(MAX_DELAY_MS) stallMs?: number;
}

export class ConnectionAgeRules {
  @MayBeLeftOut() @IsInt() @Min(0) @Max(MAX_DELAY_MS) ms?: number;
  @MayBeLeftOut() @IsNumber() @Min(0) @Max(1) jitter?: number;
}

export class TcpKeepAliveRules {
  @MayBeLeftOut() @IsZeroOrSeconds(MAX_KEEP_ALIVE_DELAY_MS) initialDelayMs?: number;
}

export class LongPollRules {
  @MayBeLeftOut() @IsZeroOrSeconds(MAX_DELAY_MS) maxWaitMs?: number;
}

export class DrainRules {
  @MayBeLeftOut() @IsInt() @Min(0) @Max(MAX_DELAY_MS) reconnectWindowMs?: number;
  @MayBeLeftOut() @IsInt() @Min(0) @Max(MAX_DELAY_MS) readinessDelayMs?: number;
  @MayBeLeftOut() @IsIn(REFUSALS) refusal?: string;
}

export class PressureRules {
  @MayBeLeftOut() @IsInt() @Min(0) @Max(MAX_DELAY_MS) eventLoopDelayMs?: number;
  @MayBeLeftOut() @IsNumber() @Min(0) @Max(1) heapUsedRatio?: number;
  @MayBeLeftOut() @IsInt() @Min(1) @Max(MAX_DELAY_MS) sampleMs?: number;
  @MayBeLeftOut() @IsInt() @Min(0) @Max(MAX_DELAY_MS) idleMs?: number;
  @MayBeLeftOut() @IsNumber() @Min(0) @Max(1) shedRatio?: number;
  @MayBeLeftOut() @IsIn(REFUSALS) refusal?: string;
}

export class BalanceRules {
  @MayBeLeftOut() @IsNumber() @Min(0) surplusRatio?: number;
  @MayBeLeftOut() @IsInt() @Min(1) surplusMin?: number;
  @MayBeLeftOut() @IsNumber() @Min(0) @Max(1) shedRatio?: number;
  @MayBeLeftOut() @IsInt() @Min(1) @Max(MAX_DELAY_MS) intervalMs?: number;
}

export class TicketRules {
  static readonly secrets = ['secret'];

  @MayBeLeftOut() @IsSecret() secret?: unknown;
  @MayBeLeftOut() @IsInt() @Min(1) @Max(3_600_000) ttlMs?: number;
  @MayBeLeftOut() @Matches(/^[\w.~-]+$/) @NotEquals('lastEventId') parameter?: string;
}

export class TicketGrantRules {
  @IsId() userId?: unknown;
  @MayBeLeftOut() @IsArray() @ArrayNotEmpty() @IsChannelName() channels?: string[];
  @MayBeLeftOut() @IsId() tenant?: unknown;
  @MayBeLeftOut() @IsEndTime() expiresAt?: unknown;
}

export class HealthRules {
  @MayBeLeftOut() @IsNumber() @IsPositive() @Max(1) maxUtilisation?: number;
  @MayBeLeftOut() @IsInt() @Min(1) @Max(MAX_DELAY_MS) timeoutMs?: number;
}

export class CanaryRules {
  @MayBeLeftOut() @IsInt() @Min(1) @Max(MAX_DELAY_MS) timeoutMs?: number;
}

export class EventBatchRules {
  @MayBeLeftOut() @IsInt() @Min(1) maxItems?: number;
  @MayBeLeftOut() @IsInt() @Min(1) @Max(MAX_DELAY_MS) windowMs?: number;
  @MayBeLeftOut() @IsEventType() type?: string;
}

export class ChannelRules {
  static readonly groups = { batch: EventBatchRules };

  @MayBeLeftOut() @IsInt() @Min(0) @Max(MAX_DELAY_MS) coalesceMs?: number;
}

export class TelemetryRules {
  @MayBeLeftOut() @IsArray() @IsChannelName() channelPatterns?: string[];
  @MayBeLeftOut() @IsBoolean() eventSpans?: boolean;
}

export class ModuleOptionsRules {
  static readonly groups = {
    history: HistoryRules,
    heartbeat: HeartbeatRules,
    retry: RetryRules,
    compression: CompressionRules,
    limits: LimitRules,
    overflow: OverflowRules,
    maxConnectionAge: ConnectionAgeRules,
    tcpKeepAlive: TcpKeepAliveRules,
    longPoll: LongPollRules,
    drain: DrainRules,
    pressure: PressureRules,
    balance: BalanceRules,
    tickets: TicketRules,
    telemetry: TelemetryRules,
  };
  static readonly records = {
    channels: { of: ChannelRules, complaintAboutName: complaintAboutChannel },
  };

  @MayBeLeftOut() @IsFunction() broker?: unknown;
  @MayBeLeftOut() @IsFunction() identify?: unknown;
  @MayBeLeftOut() @IsFunction() tenant?: unknown;
  @MayBeLeftOut() @IsFunction() expiresAt?: unknown;
  @MayBeLeftOut() @IsBoolean() closeRecords?: boolean;
}

function complaintAboutEndTime(value: unknown): string | undefined {
  return typeof value === 'number' || value instanceof Date
    ? complaintAboutEnd(value)
    : 'must be a Date or milliseconds since the Unix epoch';
}

function complaintAboutChannel(name: string): string | undefined {
  const complaint = complaintOf(assertChannelName, name);
  return complaint && `is no name of a channel: ${complaint}`;
}

function complaintOf(assertValid: (value: unknown) => void, value: unknown): string | undefined {
  try {
    assertValid(value);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
