import { expect, test } from '@jest/globals';
import { paired } from './paired.ts';

test('what was asked for comes with its answer, in the order asked', () => {
  expect(paired(['a', 'b'], [1, undefined])).toEqual([
    ['a', 1],
    ['b', undefined],
  ]);
});

test.each([
  [['a', 'b'], [1]],
  [['a'], [1, 2]],
])('%j and %j are not taken for each other', (asked, answers) => {
  expect(() => paired(asked, answers)).toThrow(RangeError);
});
