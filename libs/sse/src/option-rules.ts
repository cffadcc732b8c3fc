import { assertChannelName, assertEventType } from '@nestcast/hub';
import { IsArray, IsBoolean, IsIn, IsInt, IsNumber, Max, Min, ValidateBy, ValidateIf } from 'class-validator';

/** What each option must be. Their meaning and defaults are documented where their interfaces are. */

/** The longest delay of Node's timers. */
const MAX_DELAY_MS = 2 ** 31 - 1;

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

const IsChannelPatterns = (): PropertyDecorator =>
  ValidateBy(
    {
      name: 'isChannelPatterns',
      validator: {
        validate: (value) => complaintOf(assertChannelName, value) === undefined,
        defaultMessage: () => 'each of $property must be a name of a channel, or a prefix and *',
      },
    },
    { each: true },
  );

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
}

export class OverflowRules {
  @MayBeLeftOut() @IsInt() @Min(1) maxBufferedBytes?: number;
  @MayBeLeftOut() @IsIn(['catch-up', 'conflate', 'drop-oldest', 'disconnect']) policy?: string;
}

export class ConnectionAgeRules {
  @MayBeLeftOut() @IsInt() @Min(0) @Max(MAX_DELAY_MS) ms?: number;
  @MayBeLeftOut() @IsNumber() @Min(0) @Max(1) jitter?: number;
}

export class DrainRules {
  @MayBeLeftOut() @IsInt() @Min(0) @Max(MAX_DELAY_MS) reconnectWindowMs?: number;
  @MayBeLeftOut() @IsInt() @Min(0) @Max(MAX_DELAY_MS) readinessDelayMs?: number;
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
  @MayBeLeftOut() @IsArray() @IsChannelPatterns() channelPatterns?: string[];
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
    drain: DrainRules,
    telemetry: TelemetryRules,
  };
  static readonly records = {
    channels: { of: ChannelRules, complaintAboutName: complaintAboutChannel },
  };

  @MayBeLeftOut() @IsFunction() broker?: unknown;
  @MayBeLeftOut() @IsFunction() identify?: unknown;
  @MayBeLeftOut() @IsBoolean() closeRecords?: boolean;
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
