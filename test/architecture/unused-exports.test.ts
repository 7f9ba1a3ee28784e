import { expect, test } from '@jest/globals';
import { type Source, sources } from './sources.ts';
import { unusedExports } from './unused-exports.ts';

test('nothing is exported that only its own file uses', () => {
  expect(unusedExports(sources())).toEqual([]);
});

const OTHER = { file: 'host/other.ts', text: "import { used } from './one.ts';" };
const unusedOf = (text: string, other: Source = OTHER) =>
  unusedExports([{ file: 'host/one.ts', text }, other]);

test.each([
  ['a function', 'export function lost() { return lost(); }'],
  ['a constant', 'export const lost = 1;\nexport const used = lost;'],
  ['a class', 'export class lost {}'],
  [
    'a type that no exported signature names',
    'export interface lost {}\nexport const used = (a: number) => { const b: lost = a; };',
  ],
  ['a name of a list', 'const lost = 1;\nexport { lost };'],
])('%s that nobody imports is found', (_what, text) => {
  expect(unusedOf(text)).toEqual(['host/one.ts: lost']);
});

test.each([
  ['is imported', 'export const used = 1;', OTHER.text],
  [
    'is imported under another name',
    'export const lost = 1;',
    "import { lost as found } from '#host/one.ts';",
  ],
  [
    'is passed on',
    'export const lost = 1;',
    "export { lost as used } from './one.ts';\nimport { used } from './other.ts';",
  ],
  ['may be read off the whole module', 'export const lost = 1;', "import * as one from './one.ts';"],
  [
    'comes with a module that is loaded late',
    'export const lost = 1;',
    "const one = await import('./one.ts');",
  ],
  [
    'is a type in the signature of a function',
    'export interface lost {}\nexport function used(a: lost) {}',
    OTHER.text,
  ],
  [
    'is a type in the signature of a class',
    'export type lost = 1;\nexport class used { of(): lost { return 1; } }',
    OTHER.text,
  ],
  ['is a type in an exported type', 'export type lost = 1;\nexport interface used { a: lost }', OTHER.text],
])('what %s is used', (_how, text, other) => {
  expect(unusedOf(text, { file: 'host/other.ts', text: other })).toEqual([]);
});

test('what the framework calls by its name is used', () => {
  const file = 'services/parrot/functions/say/handler.ts';
  expect(unusedExports([{ file, text: 'export const handler = 1;' }])).toEqual([]);
});
