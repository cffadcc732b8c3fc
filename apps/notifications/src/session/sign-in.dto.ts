import { Matches } from 'class-validator';

/** The body of `POST /session`. */
export class SignInDto {
  @Matches(/^[\w.@-]{1,64}$/, {
    message: 'userId must have 1 to 64 letters, digits, dots, dashes, underscores or @ signs',
  })
  readonly userId!: string;
}
