import { HttpException, HttpStatus } from '@nestjs/common';
import type { Response } from 'express';
import { RateLimiterRes } from 'rate-limiter-flexible';

/**
 * Takes what a request costs from its limits.
 *
 * @param consume asks them; the first that refuses ends it
 * @param message what the client is told then
 * @throws HttpException 429 with Retry-After where one refuses
 */
export async function withinLimit(
  response: Response,
  message: string,
  consume: () => Promise<unknown>,
): Promise<true> {
  try {
    await consume();
    return true;
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) {
      throw refusal;
    }
    response.setHeader('Retry-After', Math.ceil(refusal.msBeforeNext / 1_000));
    throw new HttpException(message, HttpStatus.TOO_MANY_REQUESTS);
  }
}
