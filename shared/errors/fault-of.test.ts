import { expect, test } from '@jest/globals';
import { RefusedError } from './errors.ts';
import { faultOf } from './fault-of.ts';

test('an error that was thrown is itself', () => {
  const thrown = new RefusedError('tag', 'must be short');
  expect(faultOf(thrown)).toBe(thrown);
});

test.each([
  ['a text', 'a text'],
  [undefined, 'undefined'],
  [null, 'null'],
  [7, '7'],
])('%p that was thrown is an error that says so', (thrown, message) => {
  expect(faultOf(thrown)).toEqual(new Error(message));
});
