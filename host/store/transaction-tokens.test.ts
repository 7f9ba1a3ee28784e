import { expect, test } from '@jest/globals';
import { TurningWorld } from '../testing/turning-world.ts';
import { Database } from './database.ts';
import { TransactionTokens } from './transaction-tokens.ts';

const MINUTE_MS = 60_000;

function open() {
  const world = new TurningWorld();
  const database = new Database({ world, onFatal: (error) => expect(error).toBeUndefined() });
  const tokens = new TransactionTokens(database, world);
  const kept = () =>
    [0, 1]
      .flatMap((parity) => database.prepare<[string]>(`SELECT token FROM tokens_${parity}`).all().flat())
      .toSorted();
  return { world, database, tokens, kept };
}

test('drops tokens that are no longer good, so that they do not pile up', async () => {
  const { world, database, tokens, kept } = open();
  for (let minute = 0; minute < 60; minute++) {
    database.write(() => tokens.keep(`${100 + minute}`, 'digest'));
    await world.advance(MINUTE_MS);
  }
  expect(kept().length).toBeLessThanOrEqual(20);
  expect(kept().at(-1)).toBe('159');
  await world.advance(60 * MINUTE_MS);
  database.write(() => tokens.keep('much later', 'digest'));
  expect(kept()).toEqual(['much later']);
  database.close();
});

test('drops them too after a clock was put right that was far ahead, and knows the latest of before', async () => {
  const { world, database, tokens, kept } = open();
  for (const aheadMs of [365 * 24 * 60 * MINUTE_MS, 30 * MINUTE_MS, 20 * MINUTE_MS]) {
    world.putClock(aheadMs);
    database.write(() => tokens.keep('ahead', 'digest'));
    world.putClock(-aheadMs);
    for (let minute = 0; minute < 60; minute++) {
      database.write(() => tokens.keep(`${100 + minute}`, 'digest'));
      if (minute < 10) expect(tokens.isWritten('ahead', 'digest')).toBe(true);
      await world.advance(MINUTE_MS);
    }
    expect(kept().length).toBeLessThanOrEqual(31);
  }
  database.close();
});

test('knows every token for ten minutes, though others are dropped around it', async () => {
  const { world, database, tokens } = open();
  for (let minute = 0; minute < 45; minute++) {
    database.write(() => tokens.keep(`${minute}`, 'digest'));
    for (let age = 0; age < 10 && age <= minute; age++)
      expect(tokens.isWritten(`${minute - age}`, 'digest')).toBe(true);
    expect(tokens.isWritten(`${minute - 10}`, 'digest')).toBe(false);
    await world.advance(MINUTE_MS);
  }
  database.close();
});
