import { expect, test } from '@jest/globals';
import { printableJson, printableLine } from './printable-line.ts';

test('what a device says repaints no terminal and forges no line, and the line means the same', () => {
  const said = { client: 'acme:\u009b2J\u202eevil\u2028\u007f\u061c', rule: 'é 漢 fine\r\n{"level":"INFO"}' };
  const line = printableJson(said);
  expect(line).toMatch(/^[\u0020-\u007e\u00e9\u6f22]+$/);
  expect(JSON.parse(line)).toEqual(said);
  expect(printableLine('one\ntwo')).toBe('one\\u000atwo');
});
