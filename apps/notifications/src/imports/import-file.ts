import { UnprocessableEntityException } from '@nestjs/common';

import { type CsvRecord, UnclosedQuote, csvRecords, lineBreaksIn } from './csv-records.js';
import { ImportColumns } from './import-columns.js';
import { type ImportLine, lineOf } from './import-line.js';

/** Blank ones too, and each of a record that goes over several. */
const MOST_LINES = 10_000;

/** A file of notifications, a line each after the one that names the columns. */
export class ImportFile {
  private constructor(
    readonly csv: string,
    /** Without the one that names the columns. */
    readonly lines: number,
  ) {}

  /**
   * Takes a file in that somebody has sent, in UTF-8.
   *
   * @throws UnprocessableEntityException that says what is expected, where it is none that can be imported
   */
  static async of(bytes: Buffer): Promise<ImportFile> {
    const csv = textOf(bytes);
    // First: to parse a million lines takes long, even if all are blank.
    if (lineBreaksIn(csv) > MOST_LINES) {
      throw new UnprocessableEntityException(`The file must have at most ${MOST_LINES} lines.`);
    }
    let columns: ImportColumns | undefined;
    let lines = 0;
    for await (const record of csvRecords(csv)) {
      if (columns === undefined) {
        columns = columnsOf(record);
        continue;
      }
      lines += 1;
    }
    if (columns === undefined) {
      throw new UnprocessableEntityException('The file is empty.');
    }
    if (lines === 0) {
      throw new UnprocessableEntityException('There are no lines after the one that names the columns.');
    }
    return new ImportFile(csv, lines);
  }
}

/**
 * Reads the lines of a file that was taken in.
 *
 * @param position how many to leave out
 */
export async function* importLines(csv: string, position: number): AsyncGenerator<ImportLine> {
  let columns: ImportColumns | undefined;
  let index = 0;
  for await (const record of csvRecords(csv)) {
    if (columns === undefined) {
      columns = columnsOf(record);
      continue;
    }
    index += 1;
    if (index > position) {
      yield record instanceof UnclosedQuote
        ? { line: record.line, problem: 'A quote is opened here and never closed: the rest can’t be read.' }
        : await lineOf(record, columns);
    }
  }
}

function columnsOf(header: CsvRecord | UnclosedQuote): ImportColumns {
  return ImportColumns.of(header instanceof UnclosedQuote ? [] : header.fields);
}

function textOf(bytes: Buffer): string {
  let text: string;
  try {
    // Without the byte order mark, where there is one.
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UnprocessableEntityException('The file must be text in UTF-8.', { cause });
  }
  if (text.includes('\0')) {
    throw new UnprocessableEntityException('The file must be text, without NUL characters.');
  }
  return text;
}
