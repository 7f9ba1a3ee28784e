import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Due, DueHeap } from './due-heap.ts';

const byTime = (a: Due, b: Due): number => a.atMs - b.atMs || a.order - b.order;

/** Adds at a time, takes the earliest out, or drops what is due at an odd one. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ add: fc.integer({ min: 0, max: 30 }) }) },
  { weight: 4, arbitrary: fc.constant('remove' as const) },
  { weight: 1, arbitrary: fc.constant('keep-even' as const) },
  { weight: 1, arbitrary: fc.constant('clear' as const) },
);

test('has the earliest first, and among equals the one that came first, whatever is added, taken out or dropped', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const heap = new DueHeap<Due>();
      let model: Due[] = [];
      let order = 0;
      for (const one of steps) {
        if (one === 'remove') {
          heap.removeFirst();
          model = model.slice(1);
        } else if (one === 'keep-even') {
          heap.keep(({ atMs }) => atMs % 2 === 0);
          model = model.filter(({ atMs }) => atMs % 2 === 0);
        } else if (one === 'clear') {
          heap.clear();
          model = [];
        } else {
          const entry = { atMs: one.add, order: order++ };
          heap.add(entry);
          model = [...model, entry].sort(byTime);
        }
        expect(heap.first).toBe(model[0]);
        expect(heap.size).toBe(model.length);
      }
      for (const expected of model) {
        expect(heap.first).toBe(expected);
        heap.removeFirst();
      }
      expect(heap.first).toBeUndefined();
    }),
  );
});
