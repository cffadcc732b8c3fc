import { IsString, Length, Matches, MaxLength } from 'class-validator';

/** The body of `POST /operations/test-event`. */
export class SendTestEventDto {
  @Matches(/^(\*|[\w.@-]{1,64})$/, {
    message:
      'target must have 1 to 64 letters, digits, dots, dashes, underscores or @ signs, or be * for everybody',
  })
  readonly target!: string;

  @IsString()
  @Length(1, 120, { message: 'title must have 1 to 120 characters' })
  readonly title!: string;

  @IsString({ message: 'message must be text' })
  @MaxLength(500, { message: 'message must have at most 500 characters' })
  readonly message: string = '';
}
