import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FAULTS } from './faults/all.ts';
import { INVARIANTS } from './model/invariants/all.ts';
import { brokenFiles } from './mutants/break-product.ts';
import { MUTANTS } from './mutants/mutants.ts';
import { REGRESSIONS } from './regressions.ts';
import { SHOWN } from './run/read-back.ts';
import type { Task } from './workers/messages.ts';
import { Pool } from './workers/pool.ts';

/** Why equals the decision: checked by asking, see `run/probe.ts`. */
const WHY = 17;

const taskOf = (seed: string): Task => ({ seed, limits: {}, without: [], withLines: true });

describe('the simulation', () => {
  let pool: Pool;
  let other: Pool;
  beforeAll(() => {
    pool = new Pool(1);
    other = new Pool(1);
  });
  afterAll(() => {
    pool.close();
    other.close();
  });

  test.each(['1', '8'])(
    'seed %s gives the same event log to the byte, again and in another process',
    async (seed) => {
      const [first, elsewhere] = await Promise.all([pool.one(taskOf(seed)), other.one(taskOf(seed))]);
      const again = await pool.one(taskOf(seed));
      expect(first.violation).toBeUndefined();
      expect(first.lines?.length).toBeGreaterThan(200);
      expect(again.lines?.join('\n')).toBe(first.lines?.join('\n'));
      expect(elsewhere.lines?.join('\n')).toBe(first.lines?.join('\n'));
    },
    300_000,
  );

  test('another seed gives another history', async () => {
    const [one, two] = [await pool.one(taskOf('2')), await pool.one(taskOf('3'))];
    expect(one.digest).not.toBe(two.digest);
  }, 300_000);

  test('two versions serve side by side, and read what the other has written', async () => {
    const deploying = new Pool(1, { alwaysDeploys: true });
    try {
      const reports = [];
      for (const seed of ['1', '2', '3']) reports.push(await deploying.one(taskOf(seed)));
      expect(reports.map(({ violation }) => violation)).toEqual([undefined, undefined, undefined]);
      const story = reports.flatMap(({ lines = [] }) => lines).join('\n');
      expect(story).toMatch(/fault +deployment \S+ is served by the other version/);
      expect(story).toMatch(/fault +deployment \S+ is served by this version/);
      expect(story).toMatch(/table +note \S+: by the next version/);
    } finally {
      deploying.close();
    }
  }, 300_000);

  if (REGRESSIONS.length > 0)
    test.each(REGRESSIONS.map(({ seed, found }) => [seed, found] as const))(
      'seed %s, which found that %s, passes',
      async (seed) => {
        const { violation } = await pool.one(taskOf(seed));
        expect(violation).toBeUndefined();
      },
      300_000,
    );
});

describe('the mutants of the simulation', () => {
  test.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
    '%s still fits the product',
    (_name, mutant) => {
      expect(brokenFiles(mutant).size).toBeGreaterThan(0);
    },
  );

  test('break every invariant that is checked', () => {
    const broken = new Set(MUTANTS.map(({ breaks }) => breaks));
    const checked = [...INVARIANTS.map(({ number }) => number), WHY, SHOWN.number];
    expect(checked.filter((number) => !broken.has(number))).toEqual([]);
  });
});

describe('docs/reliability.md', () => {
  const text = readFileSync(path.resolve(import.meta.dirname, '../../docs/reliability.md'), 'utf8');

  test.each([...FAULTS, ...MUTANTS].map(({ name }) => name))('names %s', (name) => {
    expect(text).toMatch(new RegExp(`(?<![a-z-])${name}(?![a-z-])`));
  });

  test('tells of every finding that a seed is kept for', () => {
    for (const { seed } of REGRESSIONS) expect(text).toContain(`seed ${seed}`);
  });
});
