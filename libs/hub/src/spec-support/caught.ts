import { SseError } from '../sse-error.js';

/** The SseError that `action` throws or rejects with. */
export async function caught(action: () => unknown): Promise<SseError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof SseError) {
      return error;
    }
    throw error;
  }
  throw new Error('Expected an SseError, but nothing was thrown.');
}
