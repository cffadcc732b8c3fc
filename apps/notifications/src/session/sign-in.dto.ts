import { Length, Matches } from 'class-validator';

/** The body of `POST /session`. */
export class SignInDto {
  @Matches(/^[\w.@-]{1,64}$/, {
    message: 'userId must have 1 to 64 letters, digits, dots, dashes, underscores or @ signs',
  })
  readonly userId!: string;

  @Length(1, 200, { message: 'password must have 1 to 200 characters' })
  readonly password!: string;
}
