import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';

import { type CsvRecord, UnclosedQuote, csvRecords } from './csv-records.js';

async function read(csv: string): Promise<(CsvRecord | UnclosedQuote)[]> {
  const records: (CsvRecord | UnclosedQuote)[] = [];
  for await (const record of csvRecords(csv)) {
    records.push(record);
  }
  return records;
}

describe('csvRecords()', () => {
  it.each<[string, string, [line: number, ...fields: string[]][]]>([
    ['nothing', '', []],
    ['line breaks alone', '\n\r\n\n', []],
    [
      'no line break at the end',
      'a,b\n1,2',
      [
        [1, 'a', 'b'],
        [2, '1', '2'],
      ],
    ],
    [
      'a quoted CRLF, which is one break',
      '"1\r\n2",x\r\ny',
      [
        [1, '1\r\n2', 'x'],
        [3, 'y'],
      ],
    ],
    [
      'blank lines, and those with nothing but commas',
      '\n\na\n  \n,,\nb',
      [
        [3, 'a'],
        [6, 'b'],
      ],
    ],
    [
      'line ends of all kinds',
      'a\r\nb\nc\rd',
      [
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
        [4, 'd'],
      ],
    ],
    [
      'characters of several bytes',
      '"ü\nü",1\n☂,3',
      [
        [1, 'ü\nü', '1'],
        [3, '☂', '3'],
      ],
    ],
    ['a quote that is doubled', '"1""2",3', [[1, '1"2', '3']]],
    [
      'quotes out of place',
      '"a"x,b"c\nd',
      [
        [1, '"a"x', 'b"c'],
        [2, 'd'],
      ],
    ],
    [
      'records of another length',
      'a,b\n1\n1,2,3',
      [
        [1, 'a', 'b'],
        [2, '1'],
        [3, '1', '2', '3'],
      ],
    ],
  ])('reads %s', async (_what, csv, expected) => {
    expect(await read(csv)).toEqual(expected.map(([line, ...fields]) => ({ line, fields })));
  });

  it('reads all before a quote that is not closed, and tells where its record begins', async () => {
    const csv = `${'a,"b\n"\n'.repeat(5_000)}1,"2\n3,4\n`;
    const records = await read(csv);
    expect(records).toHaveLength(5_001);
    expect(records.at(-1)).toEqual(new UnclosedQuote(10_001));
  });

  it('gives each record the line where it begins, however its fields are quoted', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', ' ', ',', '"', '\n', '\r\n', '\r', 'ü', '☂') });
    // With a letter, so that none is blank.
    const field = fc.tuple(text, fc.boolean()).map(([value, quoted]) => ({ value: `x${value}`, quoted }));
    const record = fc.record({
      fields: fc.array(field, { minLength: 1, maxLength: 4 }),
      end: fc.constantFrom('\n', '\r\n', '\r'),
      blanks: fc.array(fc.constantFrom('\n', '\r\n'), { maxLength: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 30 }), async (records) => {
        let csv = '';
        const expected = records.map(({ fields, end, blanks }) => {
          // A CR and the LF of a blank line after it would be one line end.
          csv += end === '\r' ? '' : blanks.join('');
          const line = linesOf(csv);
          csv += fields.map(written).join(',') + end;
          return { line, fields: fields.map(({ value }) => value) };
        });
        expect(await read(csv)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('lets others have their turn', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 0);
    const records = await read('ada,Hello\n'.repeat(50_000));
    clearInterval(timer);
    expect(records).toHaveLength(50_000);
    expect(turns).toBeGreaterThan(0);
  });
});

/** As a naive reader has it: how many lines the text so far has, the one that it ends in among them. */
function linesOf(text: string): number {
  let lines = 1;
  for (let index = 0; index < text.length; index += 1) {
    const crlf = text[index] === '\r' && text[index + 1] === '\n';
    lines += !crlf && (text[index] === '\r' || text[index] === '\n') ? 1 : 0;
  }
  return lines;
}

function written({ value, quoted }: { readonly value: string; readonly quoted: boolean }): string {
  return quoted || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
