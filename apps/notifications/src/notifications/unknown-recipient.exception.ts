import { UnprocessableEntityException } from '@nestjs/common';

/** There is nobody of that name to be told anything. */
export class UnknownRecipientException extends UnprocessableEntityException {
  constructor(readonly recipient: string) {
    super(`There is no user ${JSON.stringify(recipient)}.`);
  }
}
