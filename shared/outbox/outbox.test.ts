import { expect, test } from '@jest/globals';
import type { BusEvent } from '#shared/capabilities/bus.ts';
import { relayOutbox } from './outbox.ts';

const idOf = (n: string): string => n.padStart(26, '0');
const entry = (n: string) => {
  const sk = `outbox#${idOf(n)}`;
  const written = { pk: 'p', sk, source: 'evenkeel.test', type: 'Happened', detail: { n }, expiresAt: 1 };
  return { keys: { pk: 'p', sk }, after: written };
};
const row = { keys: { pk: 'p', sk: 'row' }, after: { pk: 'p', sk: 'row' } };

/** A bus that refuses the events with these ids. */
function busWithout(...refused: string[]) {
  const published: string[] = [];
  const counted: [string, number | undefined][] = [];
  return {
    published,
    counted,
    bus: {
      publish: async (events: readonly BusEvent[]) => {
        published.push(...events.map(({ id }) => id.replace(/^0+/, '')));
        return {
          failed: [...events.keys()]
            .filter((at) => refused.map(idOf).includes(events[at]?.id ?? ''))
            .reverse(),
        };
      },
    },
    call: { count: (metric: string, value?: number) => void counted.push([metric, value]) },
  };
}

test('publishes outbox entries and nothing else', async () => {
  const { bus, call, published } = busWithout();
  expect(await relayOutbox([row, entry('1'), entry('2')], { bus }, call)).toBeUndefined();
  expect(published).toEqual(['1', '2']);
});

test('asks for the first entry again that the bus did not take, so that later ones do not overtake it', async () => {
  const { bus, call, counted } = busWithout('2', '3');
  const changes = [entry('1'), row, entry('2'), entry('3'), entry('4')];
  expect(await relayOutbox(changes, { bus }, call)).toEqual({ from: changes[2] });
  expect(counted).toEqual([['EventNotTaken', 2]]);
});

test('calls no bus for changes without an entry', async () => {
  const { bus, call, published } = busWithout();
  await relayOutbox([row, { keys: { pk: 'p', sk: 'outbox#9' }, before: entry('9').after }], { bus }, call);
  expect(published).toEqual([]);
});
