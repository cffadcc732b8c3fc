import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';

import { IsNotificationId } from './is-notification-id.decorator.js';

const DEFAULT_LIMIT = 20;
const HIGHEST_LIMIT = 100;

/** The query of `GET /notifications`. */
export class InboxQueryDto {
  @IsOptional()
  @Type(() => Number)
  @IsNotificationId()
  readonly before?: number;

  @Type(() => Number)
  @IsInt({ message: `limit must be an integer from 1 to ${HIGHEST_LIMIT}` })
  @Min(1, { message: `limit must be an integer from 1 to ${HIGHEST_LIMIT}` })
  @Max(HIGHEST_LIMIT, { message: `limit must be an integer from 1 to ${HIGHEST_LIMIT}` })
  readonly limit: number = DEFAULT_LIMIT;
}
