import { SseError } from '@nestcast/hub';
import { type ValidationError, validateSync } from 'class-validator';

/** Options as they are given: any field may be left out. */
export type Given<T> = { readonly [K in keyof T]?: T[K] | undefined };

/**
 * Rules for a group of options; `groups` names the nested ones, which have rules of their own, `records` those that have a
 * group for each of any number of names.
 */
export interface OptionRules {
  new (): object;
  readonly groups?: Readonly<Record<string, OptionRules>>;
  readonly records?: Readonly<Record<string, RecordRules>>;
  /** Options whose values no message shows. */
  readonly secrets?: readonly string[];
}

interface RecordRules {
  readonly of: OptionRules;
  /** What a name is not, for the message; `undefined`: nothing is wrong with it. */
  readonly complaintAboutName: (name: string) => string | undefined;
}

/**
 * Holds options against their rules.
 *
 * @param owner what the options were given to, for the message
 * @throws SseError `INVALID_OPTION`, naming every option that is wrong or unknown, with its value
 */
export function assertOptions(owner: string, rules: OptionRules, options: unknown): void {
  if (!isObject(options)) {
    throw new SseError('INVALID_OPTION', `${owner} ${wrongShape(options)}.`);
  }
  const complaints = complaintsOf(rules, options, '');
  if (complaints.length > 0) {
    throw new SseError('INVALID_OPTION', `${owner}: ${complaints.join('; ')}.`);
  }
}

/** The given fields over the defaults; a field given as `undefined` is left out. */
export function withDefaults<T extends object>(defaults: T, given: Given<T> | undefined): T {
  const fields = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(fields) };
}

function complaintsOf(rules: OptionRules, options: Record<string, unknown>, path: string): string[] {
  const { groups = {}, records = {}, secrets = [] } = rules;
  const own = Object.fromEntries(
    Object.entries(options).filter(([name]) => !Object.hasOwn(groups, name) && !Object.hasOwn(records, name)),
  );
  const errors = validateSync(Object.assign(new rules(), own), {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: false,
  });
  return [
    ...errors.flatMap((error) => complaintsAbout(error, path, secrets.includes(error.property))),
    ...Object.entries(groups).flatMap(([name, group]) =>
      complaintsOfGroup(group, options[name], path + name),
    ),
    ...Object.entries(records).flatMap(([name, record]) =>
      complaintsOfRecord(record, options[name], path + name),
    ),
  ];
}

function complaintsOfGroup(rules: OptionRules, given: unknown, path: string): string[] {
  if (given === undefined) {
    return [];
  }
  return isObject(given) ? complaintsOf(rules, given, `${path}.`) : [`${path} ${wrongShape(given)}`];
}

function complaintsOfRecord(rules: RecordRules, given: unknown, path: string): string[] {
  if (given === undefined) {
    return [];
  }
  if (!isObject(given)) {
    return [`${path} ${wrongShape(given)}`];
  }
  return Object.entries(given).flatMap(([name, group]) => {
    const place = `${path}[${JSON.stringify(name)}]`;
    const complaint = rules.complaintAboutName(name);
    const aboutName = complaint === undefined ? [] : [`${place} ${complaint}`];
    return [...aboutName, ...complaintsOfGroup(rules.of, group, place)];
  });
}

function complaintsAbout(
  { property, constraints, value }: ValidationError,
  path: string,
  secret: boolean,
): string[] {
  return Object.entries(constraints ?? {}).map(([rule, message]) => {
    if (rule === 'whitelistValidation') {
      return `${path}${property} is not an option`;
    }
    const complaint = message.startsWith(property) ? message.slice(property.length) : `: ${message}`;
    return `${path}${property}${complaint}${secret ? '' : ` (got ${shown(value)})`}`;
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrongShape(value: unknown): string {
  return `takes an object of options, but got ${shown(value)}`;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
