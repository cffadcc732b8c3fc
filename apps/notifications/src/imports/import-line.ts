import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';

import { CreateNotificationDto } from '../notifications/create-notification.dto.js';
import type { CsvRecord } from './csv-records.js';
import type { ImportColumns } from './import-columns.js';

/** A line of a file: what it says, or what is wrong with it. */
export type ImportLine = { readonly line: number } & (
  { readonly draft: CreateNotificationDto } | { readonly problem: string }
);

/** By the rules of `POST /notifications`. */
export async function lineOf({ line, fields }: CsvRecord, columns: ImportColumns): Promise<ImportLine> {
  if (fields.length > columns.count) {
    return {
      line,
      problem: `There are ${fields.length} fields for ${columns.count} columns: put text with commas in quotes.`,
    };
  }
  const { level = 'info', ...values } = columns.valuesOf(fields);
  const draft = plainToInstance(CreateNotificationDto, { ...values, level: level.trim() });
  const errors = await validate(draft, { whitelist: true, forbidNonWhitelisted: true });
  const messages = errors.flatMap(({ constraints = {} }) => Object.values(constraints));
  return messages.length > 0 ? { line, problem: messages.join('; ') } : { line, draft };
}
