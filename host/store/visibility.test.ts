import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { Visibility } from './visibility.ts';

const newVisibility = () => new Visibility(new VirtualWorld(), () => undefined);
const received = (id: number) => ({ id, receiveCount: 1 });

test('gives back what has returned in the order in which it did, whatever is taken, forgotten or hidden meanwhile', () => {
  const step = fc.record({
    what: fc.constantFrom('return', 'take', 'forget'),
    id: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const visibility = newVisibility();
      let expected: number[] = [];
      for (const { what, id } of steps) {
        if (what === 'take') {
          expect(visibility.hasReturned).toBe(expected.length > 0);
          if (expected.length > 0) expect(visibility.takeReturned()).toBe(expected.shift());
          continue;
        }
        expected = expected.filter((other) => other !== id);
        if (what === 'forget') visibility.forget(id);
        else {
          visibility.hide(0, [received(id)]);
          expected.push(id);
        }
      }
    }),
  );
});

/** Microseconds of this process for each of so many that have returned and are taken. */
function costOfEach(many: number): number {
  const visibility = newVisibility();
  const ids = Array.from({ length: many }, (_, at) => at + 1);
  visibility.hide(0, ids.map(received));
  const from = process.cpuUsage();
  const taken = ids.map(() => visibility.takeReturned());
  const { user, system } = process.cpuUsage(from);
  expect(taken).toEqual(ids);
  return (user + system) / many;
}

test('takes one of many that have returned as quickly as one of few: what piled up while a function failed comes back at once', () => {
  // A hundred times as many: a cost that grows with what was taken before shows as some hundred times, and no noise does.
  expect(costOfEach(200_000)).toBeLessThan(20 * costOfEach(2_000));
});
