import { describe, expect, test } from '@jest/globals';
import { facts, table } from './table.ts';

describe('a table', () => {
  const columns = [{ title: 'NAME' }, { title: 'COUNT', align: 'right' }, { title: 'NOTE' }] as const;

  test('aligns its columns and ends no line with spaces', () => {
    const text = table(columns, [
      ['cam', '7', 'first'],
      ['doorbell', '1000', ''],
    ]);
    expect(text).toBe('NAME      COUNT  NOTE\ncam           7  first\ndoorbell   1000\n');
  });

  test('leaves out a column that has nothing to say', () => {
    expect(table(columns, [['cam', '7', '']])).toBe('NAME  COUNT\ncam       7\n');
  });

  test('facts stand under each other, those that are not known are left out', () => {
    expect(
      facts([
        ['state', 'running'],
        ['reason', undefined],
        ['halts at', '2 of 12'],
      ]),
    ).toBe('state     running\nhalts at  2 of 12\n');
  });
});
