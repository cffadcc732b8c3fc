import { UnprocessableEntityException } from '@nestjs/common';

/** The key was another request's: the sender has made a mistake (draft-ietf-httpapi-idempotency-key-header, 2.7). */
export class RequestKeyReusedException extends UnprocessableEntityException {
  constructor() {
    super('This Idempotency-Key belongs to another notification. Give each its own.');
  }
}
