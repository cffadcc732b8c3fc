import type { SseCloseRecord } from '@nestcast/sse';
import type { LoggerService } from '@nestjs/common';

/** Keeps what is logged, so that a test can ask for it and its output stays quiet. */
export class RecordingLogger implements LoggerService {
  readonly errors: string[] = [];
  readonly warnings: string[] = [];
  /** The records of closed streams. */
  readonly closes: SseCloseRecord[] = [];

  /** Start-up messages tell a test nothing. */
  log(_message: unknown, record?: unknown): void {
    if (typeof record === 'object' && record !== null && 'event' in record) {
      this.closes.push(record as SseCloseRecord);
    }
  }

  error(message: unknown): void {
    this.errors.push(String(message));
  }

  warn(message: unknown): void {
    this.warnings.push(String(message));
  }
}
