import { SseError } from '@nestcast/hub';
import { type ValidationError, validateSync } from 'class-validator';

/** Options as they are given: any field may be left out. */
export type Given<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** Rules for a group of options; `groups` names the nested ones. */
export interface OptionRules {
  new (): object;
  readonly groups?: Readonly<Record<string, OptionRules>>;
}

/**
 * Holds options against their rules.
 *
 * @param owner what the options were given to, for the message
 * @throws SseError `INVALID_OPTION`, naming every option that is wrong or unknown, with its value
 */
export function assertOptions(owner: string, rules: OptionRules, options: unknown): void {
  const errors = validateSync(subject(owner, rules, options), {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: false,
    validationError: { target: false, value: true },
  });
  const complaints = errors.flatMap((error) => complaintsOf(error, ''));
  if (complaints.length > 0) {
    throw new SseError('INVALID_OPTION', `${owner}: ${complaints.join('; ')}.`);
  }
}

/** The given fields over the defaults; a field given as `undefined` is left out. */
export function withDefaults<T extends object>(defaults: T, given: Given<T> | undefined): T {
  const fields = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(fields) };
}

function subject(owner: string, rules: OptionRules, options: unknown): object {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new SseError('INVALID_OPTION', `${owner} takes an object of options, but got ${shown(options)}.`);
  }
  const instance = Object.assign(new rules(), options) as Record<string, unknown>;
  for (const [name, group] of Object.entries(rules.groups ?? {})) {
    if (instance[name] !== undefined) {
      instance[name] = subject(`${owner}: ${name}`, group, instance[name]);
    }
  }
  return instance;
}

function complaintsOf(error: ValidationError, path: string): string[] {
  const name = path + error.property;
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) =>
    rule === 'whitelistValidation'
      ? `${name} is not an option`
      : `${name}${message.slice(error.property.length)} (got ${shown(error.value)})`,
  );
  return [...own, ...(error.children ?? []).flatMap((child) => complaintsOf(child, `${name}.`))];
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
