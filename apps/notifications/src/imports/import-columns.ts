import { UnprocessableEntityException } from '@nestjs/common';

const COLUMNS = ['recipient', 'title', 'body', 'level'] as const;
type Column = (typeof COLUMNS)[number];
const REQUIRED: readonly Column[] = ['recipient', 'title'];

const EXPECTED =
  'The first line must name the columns: recipient,title, and body,level where there are such.';

/** What the columns of a file are, by its first record. */
export class ImportColumns {
  private constructor(private readonly columns: readonly Column[]) {}

  /** @throws UnprocessableEntityException that says what is expected */
  static of(header: readonly string[]): ImportColumns {
    const columns = header.map((name) => columnOf(name));
    const missing = REQUIRED.find((column) => !columns.includes(column));
    if (missing !== undefined) {
      throw new UnprocessableEntityException(`There is no column ${missing}. ${EXPECTED}`);
    }
    const twice = columns.find((column, index) => columns.indexOf(column) !== index);
    if (twice !== undefined) {
      throw new UnprocessableEntityException(`There are two columns ${twice}. ${EXPECTED}`);
    }
    return new ImportColumns(columns);
  }

  /** How many fields a record may have. */
  get count(): number {
    return this.columns.length;
  }

  /** What the record has in each column; a field that is blank or missing isn't there. */
  valuesOf(fields: readonly string[]): Partial<Record<Column, string>> {
    const given = this.columns.map((column, index) => [column, fields[index] ?? ''] as const);
    return Object.fromEntries(given.filter(([, value]) => value.trim() !== ''));
  }
}

function columnOf(name: string): Column {
  const column = COLUMNS.find((known) => known === name.trim().toLowerCase());
  if (column === undefined) {
    throw new UnprocessableEntityException(
      `There can’t be a column ${JSON.stringify(name.trim().slice(0, 40))}. ${EXPECTED}`,
    );
  }
  return column;
}
