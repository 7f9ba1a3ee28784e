import { expect, test } from '@jest/globals';
import { NEXT_VERSION } from '../beside/next-version.ts';
import { brokenFiles, editedFiles } from './break-product.ts';
import { MUTANTS } from './mutants.ts';

test.each(MUTANTS)('the mutant $name finds the text of the product that it edits', (mutant) => {
  expect(brokenFiles(mutant).size).toBeGreaterThan(0);
});

test('so does the next version', () => {
  expect(editedFiles(NEXT_VERSION).size).toBeGreaterThan(0);
});
