import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CONTRACTS } from '#shared/contracts/catalogue.ts';

const PAGE = readFileSync(path.resolve(import.meta.dirname, '../../docs/contracts.md'), 'utf8');

describe('the page of contracts', () => {
  test('names every contract that is no route, and both its sides', () => {
    const rows = [...PAGE.matchAll(/^\| `(\w+\/[\w-]+)` +\| (.+?) +\| (.+?) +\|$/gm)].map(
      ([, name, from, to]) => `${name}: ${from} -> ${to}`,
    );
    const others = CONTRACTS.filter(({ name }) => !name.startsWith('api/'));
    expect(rows).toEqual(
      others.map(
        ({ name, producers, consumers }) => `${name}: ${producers.join(', ')} -> ${consumers.join(', ')}`,
      ),
    );
  });
});
