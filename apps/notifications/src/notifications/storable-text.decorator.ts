import { ValidateBy } from 'class-validator';

/** A property of a DTO that PostgreSQL can keep, if it is text at all: without NUL and without half a surrogate pair. */
export function StorableText(): PropertyDecorator {
  return ValidateBy({
    name: 'storableText',
    validator: {
      validate: (value) => typeof value !== 'string' || (value.isWellFormed() && !value.includes('\0')),
      defaultMessage: () => '$property must be text without NUL and without half characters',
    },
  });
}
