import type { LoggerService } from '@nestjs/common';

/** Keeps what is logged, so that a test can ask for it and its output stays quiet. */
export class RecordingLogger implements LoggerService {
  readonly errors: string[] = [];
  readonly warnings: string[] = [];

  log(): void {
    // Start-up messages tell a test nothing.
  }

  error(message: unknown): void {
    this.errors.push(String(message));
  }

  warn(message: unknown): void {
    this.warnings.push(String(message));
  }
}
