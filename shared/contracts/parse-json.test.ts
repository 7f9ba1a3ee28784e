import { expect, test } from '@jest/globals';
import { parseJson } from './parse-json.ts';

test.each([
  ['{"a":[1,"b"]}', { a: [1, 'b'] }],
  ['null', null],
  ['"text"', 'text'],
])('what %s says is read', (text, said) => {
  expect(parseJson(text)).toEqual(said);
});

test.each(['', '{', '{"a":1} {"a":1}', 'undefined', '<html>'])('%s says nothing', (text) => {
  expect(parseJson(text)).toBeUndefined();
});
