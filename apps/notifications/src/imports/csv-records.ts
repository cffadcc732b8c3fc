import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';

import { type CsvError, type InfoRecord, parse } from 'csv-parse';

/** A record of a CSV file (RFC 4180). */
export interface CsvRecord {
  /** Where it begins; the first line of the file is 1. A record goes over several where a quoted field does. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** After a field that begins with a quote and has no other, nothing can be told apart: all that follows belongs to it. */
export class UnclosedQuote {
  /** @param line where its record begins */
  constructor(readonly line: number) {}
}

/** Parsed at once; between two pieces others get their turn. */
const PIECE = 16_384;
const LINE_BREAK = /\r\n|\n|\r/g;
const QUOTE_NOT_CLOSED: CsvError['code'] = 'CSV_QUOTE_NOT_CLOSED';

/**
 * Reads the records of a file; those with nothing but blanks are left out. Lines may end with CRLF, LF or CR, and quotes that are out of
 * place are text.
 */
export async function* csvRecords(csv: string): AsyncGenerator<CsvRecord | UnclosedQuote> {
  const bytes = Buffer.from(csv);
  const parser = Readable.from(piecesOf(bytes), { objectMode: false }).pipe(
    parse({
      info: true,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      relax_quotes: true,
      // Told instead of thrown, which would take along records that have been read and not been asked for yet.
      skip_records_with_error: true,
    }),
  );
  let skipped: CsvError | undefined;
  parser.on('skip', (error) => (skipped = error));
  // The parser's own count is of where a record ends, and takes a CRLF within quotes for two.
  let [line, end] = [1, 0];
  for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: InfoRecord }>) {
    if (record.some((field) => field.trim() !== '')) {
      yield { line, fields: record };
    }
    line += lineBreaksIn(bytes.toString('utf8', end, info.bytes));
    end = info.bytes;
  }
  if (skipped?.code === QUOTE_NOT_CLOSED) {
    yield new UnclosedQuote(line);
  } else if (skipped !== undefined) {
    throw skipped;
  }
}

async function* piecesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += PIECE) {
    yield bytes.subarray(start, start + PIECE);
    await turn();
  }
}

export function lineBreaksIn(text: string): number {
  return text.match(LINE_BREAK)?.length ?? 0;
}
