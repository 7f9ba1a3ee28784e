import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { cellsOf, csvLine } from './csv-line.ts';

describe('a line of CSV', () => {
  test('says what was written into it', () => {
    const cell = fc.string().map((text) => text.replaceAll(/[\r\n]/g, '').trim());
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1 }), (cells) => {
        expect(cellsOf(csvLine(cells))).toEqual(cells);
      }),
    );
  });

  test.each([
    ['', ['']],
    [',', ['', '']],
    [' a , "b, c" ,"",', ['a', 'b, c', '', '']],
    ['"a ""b"""', ['a "b"']],
  ])('%j is read as spreadsheets read it', (line, cells) => expect(cellsOf(line)).toEqual(cells));

  test.each(['"a', 'a"b', '"a"b', '"a" "b"', 'a,"', '""'.repeat(3).slice(1)])('%j is refused', (line) => {
    expect(cellsOf(line)).toBeUndefined();
  });
});
