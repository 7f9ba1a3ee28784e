import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DOCUMENTS } from './documents.ts';

/** `npm run docs`: writes the documents that are made from the contracts. */
const root = path.resolve(import.meta.dirname, '../..');
// Our own package.json has one.
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
for (const { file, make } of DOCUMENTS) {
  writeFileSync(path.join(root, file), make(version));
  process.stdout.write(`${file}\n`);
}
