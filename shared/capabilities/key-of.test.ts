import { expect, test } from '@jest/globals';
import { keyOf } from './key-of.ts';
import type { TransactWrite } from './table.ts';

const KEY = { pk: 'device', sk: 'cam-0001' };
const WRITES: readonly TransactWrite[] = [
  { put: { ...KEY, version: '1.0.0' } },
  { update: KEY, set: { pk2: 'other' } },
  { delete: KEY },
  { check: KEY, when: [{ attribute: 'version', is: 'absent' }] },
];

test.each(WRITES)('the key of %j is that of its item', (write) => {
  expect(keyOf(write)).toMatchObject(KEY);
});
