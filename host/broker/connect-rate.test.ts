import { expect, test } from '@jest/globals';
import { ConnectRate } from './connect-rate.ts';

/** How many of that many attempts at that time are let in. */
function letIn(rate: ConnectRate, clientId: string, attempts: number, nowMs: number): number {
  return Array.from({ length: attempts }, () => rate.take(clientId, nowMs)).filter(Boolean).length;
}

test('a client id may connect 60 times in a row, and then once a second however often it tries', () => {
  const rate = new ConnectRate();
  expect(letIn(rate, 'a', 100, 0)).toBe(60);
  for (let second = 1; second <= 5; second++) expect(letIn(rate, 'a', 100, second * 1000)).toBe(1);
  expect(letIn(rate, 'b', 100, 5000)).toBe(60);
});

test('a client id that has not come for a minute may connect 60 times again, and no more', () => {
  const rate = new ConnectRate();
  expect(letIn(rate, 'a', 100, 0)).toBe(60);
  expect(letIn(rate, 'a', 100, 30_000)).toBe(30);
  expect(letIn(rate, 'a', 100, 90_000)).toBe(60);
  expect(letIn(rate, 'a', 100, 3_600_000)).toBe(60);
});
