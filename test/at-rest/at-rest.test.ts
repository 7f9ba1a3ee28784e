import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Kept } from '../simulation/faults/witness.ts';
import { committedKinds, committedSamples } from './committed.ts';
import { Gathering } from './gather.ts';
import type { Kind } from './kind.ts';
import { tokenLists } from './kinds/access.ts';
import { allKinds, kindOf } from './kinds.ts';
import { live } from './live.ts';
import { misreadings } from './misreadings.ts';
import { placesOfRows } from './places.ts';

/** Enough for most shapes that there are; the command looks at many more. */
const SEEDS = ['1', '2', '3', '4', '5', '6'];

const DRAFT = { state: 'draft', stage: 0, epoch: 1, plan: 0, granted: 0, ceiling: 0 };

let kinds: readonly Kind[] = [];
beforeAll(async () => {
  kinds = await allKinds();
});

describe('what was kept by any version', () => {
  test('is taken for the same by this one', async () => {
    const wrong = [];
    for (const kind of kinds) wrong.push(...(await misreadings(kind)));
    if (wrong.length > 0) throw new Error(wrong.join('\n\n'));
  });

  test('has a sample of each kind (npm run at-rest writes them), and is of a kind that there is', () => {
    expect(committedKinds()).toEqual(kinds.map(({ name }) => name).toSorted());
    expect(kinds.filter((kind) => committedSamples(kind).length === 0)).toEqual([]);
  });
});

describe('what this version keeps', () => {
  test('lies where its kind says, and every place in which a store puts rows has a kind', () => {
    const named = new Set(kinds.flatMap(({ placedBy = [] }) => placedBy));
    expect([...named].sort()).toEqual(placesOfRows());
  });

  test('has no shape that no sample has (npm run at-rest writes it)', async () => {
    const found: Kept[] = await tokenLists();
    await live(SEEDS, 1, (kept) => found.push(kept));
    const gathering = new Gathering(kinds);
    const fresh: string[] = [];
    for (const kept of found) {
      const look = await gathering.look(kept);
      if (look !== undefined) fresh.push(...look.fresh.map((trait) => `${look.kind.name}: ${trait}`));
    }
    expect(found.length).toBeGreaterThan(1000);
    expect(fresh).toEqual([]);
  }, 300_000);

  test('has a shape of its own where it has an attribute more, or a word that was never said', async () => {
    const gathering = new Gathering(kinds);
    const gate = { ...DRAFT, pk: 'R#01JD4Z6Q7R8S9T0V1W00000001', sk: 'gate' };
    const freshOf = async (what: object) =>
      (await gathering.look({ where: 'table/rollouts', what: { ...gate, ...what } }))?.fresh;
    expect(await freshOf({})).toBeUndefined();
    expect(await freshOf({ mood: 'calm' })).toEqual(['/mood text', '/mood calm']);
    expect(await freshOf({ mood: 'calm', plan: 7 })).toBeUndefined();
    expect(await freshOf({ mood: 'stormy' })).toEqual(['/mood stormy']);
  });

  test('is refused where it is of no kind', () => {
    const row = { pk: 'R#01JD4Z6Q7R8S9T0V1W00000001', sk: 'note#1', text: 'of a kind that nobody knows' };
    expect(() => kindOf(kinds, { where: 'table/rollouts', what: row })).toThrow(/holds something of no kind/);
  });
});
