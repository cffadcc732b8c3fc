import { BadRequestException, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

/**
 * The header `Idempotency-Key`, as a parameter of a handler: whoever sends a request again for want of an answer gives both
 * the same. 400 for a key of other characters, or a longer one, than the database is to keep.
 */
export const IdempotencyKey = createParamDecorator(
  (_data: unknown, context: ExecutionContext): string | undefined => {
    const key = context.switchToHttp().getRequest<Request>().get('idempotency-key');
    if (key !== undefined && !/^[\x21-\x7e]{1,100}$/.test(key)) {
      throw new BadRequestException('Idempotency-Key must have 1 to 100 visible ASCII characters.');
    }
    return key;
  },
);
