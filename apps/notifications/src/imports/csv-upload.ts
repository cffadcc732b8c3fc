import type { IncomingMessage } from 'node:http';

import { createParamDecorator, type ExecutionContext, UnsupportedMediaTypeException } from '@nestjs/common';
import type { Request } from 'express';

/** Bytes. */
const LARGEST = 1_048_576;

/** For `app.useBodyParser('raw', …)`: of signed-in users alone, and on the one route that takes them. Larger ones get 413. */
export const CSV_UPLOADS = {
  limit: LARGEST,
  type: (message: IncomingMessage): boolean => {
    const request = message as Request;
    return request.path === '/imports' && request.session?.isPopulated === true && !!request.is('text/csv');
  },
};

/** The bytes of the file that was sent; none where there is none. 415 for a body of another type. */
export const CsvUpload = createParamDecorator((_data: unknown, context: ExecutionContext): Buffer => {
  const { body } = context.switchToHttp().getRequest<Request>();
  if (body !== undefined && !Buffer.isBuffer(body)) {
    throw new UnsupportedMediaTypeException('Send text/csv.');
  }
  return body ?? Buffer.alloc(0);
});
