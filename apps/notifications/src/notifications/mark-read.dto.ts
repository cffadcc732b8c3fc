import { ArrayMaxSize, ArrayNotEmpty, IsArray, ValidateIf } from 'class-validator';

import { IsNotificationId } from './is-notification-id.decorator.js';

const MOST_IDS = 500;

/** The body of `POST /notifications/read`: some, by their ids, or all up to one. */
export class MarkReadDto {
  @ValidateIf(({ ids, upTo }: MarkReadDto) => ids !== undefined || upTo === undefined)
  @IsArray({ message: 'ids must be an array of ids of notifications, where there is no upTo' })
  @ArrayNotEmpty({ message: 'ids must not be empty' })
  @ArrayMaxSize(MOST_IDS, { message: `ids must be ${MOST_IDS} at most` })
  @IsNotificationId({ each: true, message: 'ids must be ids of notifications' })
  readonly ids?: number[];

  /** Goes before {@link ids}. */
  @ValidateIf(({ upTo }: MarkReadDto) => upTo !== undefined)
  @IsNotificationId()
  readonly upTo?: number;
}
