import { expect, test } from '@jest/globals';
import { sources } from './sources.ts';
import { undocumentedExports } from './undocumented-exports.ts';

test('every exported name says in a docstring what it is for', () => {
  const isTest = /\.test\.ts$|\/fixtures\//;
  expect(undocumentedExports(sources().filter(({ file }) => !isTest.test(file)))).toEqual([]);
});

const undocumentedIn = (text: string) => undocumentedExports([{ file: 'host/one.ts', text }]);

test.each([
  ['a function', 'export function bare() {}'],
  ['a constant', 'export const bare = 1;'],
  ['a class', 'export class bare {}'],
  ['an interface', 'export interface bare {}'],
  ['a type', 'export type bare = 1 | 2;'],
  [
    'a constant after one that has a docstring',
    '/** Told. */\nexport const told = 1;\nexport const bare = 2;',
  ],
  ['a constant with another comment', '// For later.\nexport const bare = 1;'],
])('%s without a docstring is found', (_what, text) => {
  expect(undocumentedIn(text)).toEqual(['host/one.ts: bare']);
});

test.each([
  ['that has a docstring', '/** Told. */\nexport const told = 1;'],
  ['that is a type read off a constant', 'export type Told = (typeof TOLD)[number];'],
  ['that says itself what it is', "export const told = { name: 'told', what: 'says it' };"],
  ['that is passed on', "export { told } from './other.ts';"],
])('an export %s needs none', (_what, text) => {
  expect(undocumentedIn(text)).toEqual([]);
});
