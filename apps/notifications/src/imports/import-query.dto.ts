import { Matches } from 'class-validator';

/** The query of `POST /imports`. */
export class ImportQueryDto {
  @Matches(/^[^\p{Cc}\p{Cs}]{1,200}$/u, { message: 'fileName must have 1 to 200 characters' })
  readonly fileName!: string;
}
