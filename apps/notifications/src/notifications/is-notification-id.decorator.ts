import { ValidateBy, type ValidationOptions, buildMessage } from 'class-validator';

/** A property of a DTO that could be the id of a notification: a number that the database has, too. */
export function IsNotificationId(options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isNotificationId',
      validator: {
        validate: (value) => Number.isSafeInteger(value) && value > 0,
        defaultMessage: buildMessage(() => '$property must be the id of a notification', options),
      },
    },
    options,
  );
}
