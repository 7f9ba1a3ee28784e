import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { DOCUMENTS } from '../../docs/generate/documents.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
// Our own package.json has one.
const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };

describe('documents that are made from the contracts', () => {
  test.each(DOCUMENTS)('$file is what the contracts say (npm run docs writes it)', ({ file, make }) => {
    expect(readFileSync(path.join(ROOT, file), 'utf8')).toBe(make(version));
  });
});
