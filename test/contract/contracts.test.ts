import { describe, expect, test } from '@jest/globals';
import { CONTRACTS } from '#shared/contracts/catalogue.ts';
import type { Contract } from '#shared/contracts/contract.ts';
import {
  breaksSince,
  type CommittedPart,
  committedFiles,
  committedPart,
  fileOf,
  partOf,
} from './committed.ts';
import { jsonSchemaOf } from './compare/json-schema.ts';
import { fieldsOf } from './compare/lost-fields.ts';
import { shownFields } from './shown-fields.ts';
import { tellBreaks } from './tell-breaks.ts';

const parts = CONTRACTS.map((contract) => [`${contract.name} ${contract.part}`, contract] as const);

/** What is committed of that part; fails with what to do when nothing is. */
function committed(contract: Contract): CommittedPart {
  const part = committedPart(contract);
  if (part === undefined) throw new Error(`${fileOf(contract)} is not committed: npm run contracts`);
  return part;
}

/** Every key of a value by its path; elements of arrays by their position. */
function keysIn(value: unknown, at = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [`${at}/${key}`, ...keysIn(inner, `${at}/${key}`)]);
}

describe.each(parts)('%s', (_name, contract) => {
  test('breaks nobody who goes by what is committed', () => {
    const breaks = breaksSince(committed(contract), contract);
    if (breaks.length > 0) throw new Error(tellBreaks(contract, breaks));
  });

  test('is committed as it is today (npm run contracts writes it)', () => {
    expect(committed(contract)).toEqual(partOf(contract, committed(contract)));
  });

  test('takes every example that was ever committed, and leaves nothing out of it', () => {
    for (const [name, example] of Object.entries(committed(contract).examples)) {
      const read = contract.schema.safeParse(example);
      expect([name, read.error?.issues]).toEqual([name, undefined]);
      expect([name, keysIn(read.data)]).toEqual([name, expect.arrayContaining(keysIn(example))]);
    }
  });

  test('shows every field in an example of that schema', () => {
    const schema = jsonSchemaOf(contract.schema);
    const examples = CONTRACTS.filter((one) => one.schema === contract.schema).flatMap((one) =>
      Object.values(one.examples),
    );
    const shown = new Set(examples.flatMap((one) => shownFields(schema, one)));
    expect(fieldsOf(schema).filter((field) => !shown.has(field))).toEqual([]);
  });
});

describe('what is committed', () => {
  test('is spoken still: to take back a version is to remove its file', () => {
    expect(committedFiles()).toEqual([...new Set(CONTRACTS.map(fileOf))].sort());
  });

  test('has one contract for each part of a version', () => {
    const names = CONTRACTS.map((contract) => `${fileOf(contract)} ${contract.part}`);
    expect(new Set(names).size).toBe(names.length);
  });
});
