import { Transform, type TransformFnParams } from 'class-transformer';
import { IsIn, IsString, Length, Matches, MaxLength } from 'class-validator';

import { StorableText } from './storable-text.decorator.js';
import { LEVELS, type Level } from './notification.js';

const trimmed = ({ value }: TransformFnParams): unknown => (typeof value === 'string' ? value.trim() : value);

/** The body of `POST /notifications`. */
export class CreateNotificationDto {
  @Transform(trimmed)
  @Matches(/^(\*|[\w.@-]{1,64})$/, {
    message:
      'recipient must have 1 to 64 letters, digits, dots, dashes, underscores or @ signs, or be * for everybody',
  })
  readonly recipient!: string;

  @Transform(trimmed)
  @StorableText()
  @Length(1, 120, { message: 'title must have 1 to 120 characters' })
  readonly title!: string;

  @Transform(trimmed)
  @StorableText()
  @IsString({ message: 'body must be text' })
  @MaxLength(2_000, { message: 'body must have at most 2000 characters' })
  readonly body: string = '';

  @IsIn(LEVELS, { message: `level must be one of ${LEVELS.join(', ')}` })
  readonly level!: Level;
}
