import { SseError } from '@nestcast/hub';
import { eventually } from './eventually.js';

/** Tries until Redis is there for it, and resolves with what comes of that; any other failure is thrown. */
export async function whenAvailable<T>(attempt: () => Promise<T>): Promise<T> {
  let outcome: { readonly value: T } | undefined;
  await eventually(async () => {
    try {
      outcome = { value: await attempt() };
      return true;
    } catch (error) {
      if (error instanceof SseError && error.code === 'BROKER_UNAVAILABLE') {
        return false;
      }
      throw error;
    }
  });
  return (outcome as { readonly value: T }).value;
}
