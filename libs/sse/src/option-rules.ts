import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  Max,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';

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

export class HistoryRules {
  @IsOptional() @IsInt() @Min(0) maxEvents?: number;
  @IsOptional() @IsInt() @Min(1) maxAgeMs?: number;
}

export class HeartbeatRules {
  @IsOptional() @IsInt() @Min(0) @Max(MAX_DELAY_MS) intervalMs?: number;
  @IsOptional() @IsBoolean() visible?: boolean;
}

export class RetryRules {
  @IsOptional() @IsInt() @Min(0) @Max(MAX_DELAY_MS) ms?: number;
  @IsOptional() @IsNumber() @Min(0) @Max(1) jitter?: number;
}

export class CompressionRules {
  @IsOptional() @IsArray() @IsIn(['zstd', 'gzip'], { each: true }) encodings?: string[];
  @IsOptional() @IsInt() @Min(0) thresholdBytes?: number;
}

export class LimitRules {
  @IsOptional() @IsInt() @Min(0) total?: number;
  @IsOptional() @IsInt() @Min(0) perUser?: number;
  @IsOptional() @IsInt() @Min(0) perIp?: number;
  @IsOptional() @IsInt() @Min(0) perChannel?: number;
  @IsOptional() @IsInt() @Min(1) opensPerMinute?: number;
}

export class OverflowRules {
  @IsOptional() @IsInt() @Min(1) maxBufferedBytes?: number;
  @IsOptional() @IsIn(['catch-up', 'disconnect']) policy?: string;
}

export class ConnectionAgeRules {
  @IsOptional() @IsInt() @Min(0) @Max(MAX_DELAY_MS) ms?: number;
  @IsOptional() @IsNumber() @Min(0) @Max(1) jitter?: number;
}

export class DrainRules {
  @IsOptional() @IsInt() @Min(0) @Max(MAX_DELAY_MS) reconnectWindowMs?: number;
  @IsOptional() @IsInt() @Min(0) @Max(MAX_DELAY_MS) readinessDelayMs?: number;
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
  };

  @IsOptional() @IsFunction() broker?: unknown;
  @IsOptional() @ValidateNested() history?: HistoryRules;
  @IsOptional() @ValidateNested() heartbeat?: HeartbeatRules;
  @IsOptional() @ValidateNested() retry?: RetryRules;
  @IsOptional() @ValidateNested() compression?: CompressionRules;
  @IsOptional() @ValidateNested() limits?: LimitRules;
  @IsOptional() @ValidateNested() overflow?: OverflowRules;
  @IsOptional() @ValidateNested() maxConnectionAge?: ConnectionAgeRules;
  @IsOptional() @ValidateNested() drain?: DrainRules;
  @IsOptional() @IsFunction() identify?: unknown;
}
