import { expect, test } from '@jest/globals';
import { changesOf } from './still-means.ts';

const meant = { state: 'good', events: [{ what: 'granted', atMs: 1 }], from: '1.0.0' };

test('what is meant besides takes nothing away', () => {
  const events = [{ what: 'granted', atMs: 1, by: 'permit' }];
  expect(changesOf(meant, { ...meant, events, mood: 'calm' })).toEqual([]);
});

test.each([
  ['another value', { ...meant, from: '1.0.1' }, ['/from: was "1.0.0", is "1.0.1"']],
  ['another type', { ...meant, from: 1 }, ['/from: was "1.0.0", is 1']],
  ['nothing', { state: 'good', events: meant.events }, ['/from: was "1.0.0", is nothing']],
  ['one more in a list', { ...meant, events: [...meant.events, 1] }, ['/events: were 1, are 2']],
  ['a list that is none', { ...meant, events: {} }, [`/events: was ${JSON.stringify(meant.events)}, is {}`]],
  ['a refusal', { refused: 'unreadable-row' }, expect.arrayContaining(['/state: was "good", is nothing'])],
])('%s is told where it is', (_what, means, told) => {
  expect(changesOf(meant, means)).toEqual(told);
});
