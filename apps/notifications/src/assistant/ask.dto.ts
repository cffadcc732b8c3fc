import { Transform, type TransformFnParams } from 'class-transformer';
import { Length, Matches } from 'class-validator';

const LONGEST = 4_000;

/** The body of `POST /assistant/ask`. */
export class AskDto {
  @Transform(({ value }: TransformFnParams): unknown => (typeof value === 'string' ? value.trim() : value))
  @Length(1, LONGEST, { message: `The question must have 1 to ${LONGEST} characters.` })
  // PostgreSQL has no place for NUL in a text.
  @Matches(/^[^\0]*$/, { message: 'The question must not have the character NUL.' })
  readonly prompt!: string;
}
