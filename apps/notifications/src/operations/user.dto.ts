import { Matches } from 'class-validator';

/** The query of `GET /operations/connections`, and the body of `POST /operations/disconnect`. */
export class UserDto {
  @Matches(/^[\w.@-]{1,64}$/, {
    message: 'userId must have 1 to 64 letters, digits, dots, dashes, underscores or @ signs',
  })
  readonly userId!: string;
}
