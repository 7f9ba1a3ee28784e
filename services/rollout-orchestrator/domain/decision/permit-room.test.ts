import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isEvidence, OTHER_COHORT, RETRY_COHORT } from '../counting/cohorts.ts';
import { takeRoom } from './permit-room.ts';

const cohorts = (...rooms: readonly (readonly [cohort: number, room: number])[]) =>
  new Map(rooms.map(([cohort, room]) => [cohort, { granted: 5, ceiling: 5 + room }]));
const waiting = (...of: readonly number[]) => of.map((cohort, name) => ({ name, cohort }));
const LARGE = { permits: 96, cohorts: 73 };
const names = (some: readonly { readonly name: number }[]) => some.map(({ name }) => name);

describe('room for permits', () => {
  test('is taken first come, first served, under the ceiling of the rollout', () => {
    const gate = { granted: 8, ceiling: 10, cohorts: cohorts([1, 9], [2, 9]) };
    const { taken, full, rest } = takeRoom(waiting(1, 2, 1, 2), gate, LARGE);
    expect([names(taken), names(full), names(rest)]).toEqual([[0, 1], [2, 3], []]);
  });

  test('is taken under the ceiling of each cohort too, and leaves that of others alone', () => {
    const gate = { granted: 0, ceiling: 10, cohorts: cohorts([1, 1], [2, 2]) };
    const { taken, full } = takeRoom(waiting(1, 1, 2, 1, 2), gate, LARGE);
    expect([names(taken), names(full)]).toEqual([
      [0, 2, 4],
      [1, 3],
    ]);
  });

  test('of the rollout is not taken by later attempts, which expose nobody new', () => {
    const gate = { granted: 9, ceiling: 10, cohorts: cohorts([1, 5], [RETRY_COHORT, 5]) };
    const { taken, full } = takeRoom(waiting(RETRY_COHORT, 1, RETRY_COHORT, 1), gate, LARGE);
    expect([names(taken), names(full)]).toEqual([[0, 1, 2], [3]]);
  });

  test('is none in a cohort that has not been opened', () => {
    const { taken, full } = takeRoom(waiting(7), { granted: 0, ceiling: 10, cohorts: cohorts() }, LARGE);
    expect([names(taken), names(full)]).toEqual([[], [0]]);
  });

  test('is left for the next time beyond as many as are taken at once', () => {
    const gate = { granted: 0, ceiling: 10, cohorts: cohorts([1, 10]) };
    const { taken, full, rest } = takeRoom(waiting(1, 1, 1), gate, { permits: 2, cohorts: 1 });
    expect([names(taken), names(full), names(rest)]).toEqual([[0, 1], [], [2]]);
  });

  test('is left for the next time in more cohorts than are taken at once', () => {
    const gate = { granted: 0, ceiling: 10, cohorts: cohorts([1, 10], [2, 10], [3, 10]) };
    const { taken, full, rest } = takeRoom(waiting(1, 2, 3, 1), gate, { permits: 96, cohorts: 2 });
    expect([names(taken), names(full), names(rest)]).toEqual([[0, 1, 3], [], [2]]);
  });

  test('is never passed, and nobody who waits is lost', () => {
    const cohort = fc.constantFrom(OTHER_COHORT, 1, 2, RETRY_COHORT);
    const room = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(
        fc.array(cohort, { maxLength: 12 }),
        room,
        fc.dictionary(fc.constantFrom('1', '2', String(RETRY_COHORT), String(OTHER_COHORT)), room),
        fc.record({ permits: fc.integer({ min: 1, max: 6 }), cohorts: fc.integer({ min: 1, max: 4 }) }),
        (asked, pooled, rooms, most) => {
          const own = cohorts(...Object.entries(rooms).map(([name, left]) => [Number(name), left] as const));
          const { taken, full, rest } = takeRoom(
            waiting(...asked),
            { granted: 3, ceiling: 3 + pooled, cohorts: own },
            most,
          );
          expect(names([...taken, ...full, ...rest]).sort((a, b) => a - b)).toEqual([...asked.keys()]);
          expect(taken.length).toBeLessThanOrEqual(most.permits);
          expect(new Set(taken.map((one) => one.cohort)).size).toBeLessThanOrEqual(most.cohorts);
          expect(taken.filter((one) => isEvidence(one.cohort)).length).toBeLessThanOrEqual(pooled);
          for (const [of, { granted, ceiling }] of own)
            expect(taken.filter((one) => one.cohort === of).length).toBeLessThanOrEqual(ceiling - granted);
        },
      ),
    );
  });
});
