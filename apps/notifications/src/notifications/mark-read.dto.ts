import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsInt, Min, ValidateIf } from 'class-validator';

const MOST_IDS = 500;

/** The body of `POST /notifications/read`: some, by their ids, or all up to one. */
export class MarkReadDto {
  @ValidateIf(({ upTo }: MarkReadDto) => upTo === undefined)
  @IsArray({ message: 'ids must be an array of ids of notifications, where there is no upTo' })
  @ArrayNotEmpty({ message: 'ids must not be empty' })
  @ArrayMaxSize(MOST_IDS, { message: `ids must be ${MOST_IDS} at most` })
  @IsInt({ each: true, message: 'ids must be ids of notifications' })
  @Min(1, { each: true, message: 'ids must be ids of notifications' })
  readonly ids?: number[];

  @ValidateIf(({ ids }: MarkReadDto) => ids === undefined)
  @IsInt({ message: 'upTo must be the id of a notification' })
  @Min(1, { message: 'upTo must be the id of a notification' })
  readonly upTo?: number;
}
