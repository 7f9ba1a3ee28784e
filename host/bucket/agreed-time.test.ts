import { beforeEach, expect, test } from '@jest/globals';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { AgreedTime } from './agreed-time.ts';

const HOUR_MS = 60 * 60 * 1000;
const LEAP_MS = 1024 * 7 * 24 * HOUR_MS;

let world: VirtualWorld;
let time: AgreedTime;
beforeEach(() => {
  world = new VirtualWorld();
  time = new AgreedTime(world);
});

/** What is read each hour, for so many hours, as hours ahead of the clock. */
async function readHourly(hours: number): Promise<(number | undefined)[]> {
  const read: (number | undefined)[] = [];
  for (let hour = 0; hour < hours; hour++) {
    await world.advance(HOUR_MS);
    const timeMs = time.read();
    read.push(timeMs && (timeMs - world.now()) / HOUR_MS);
  }
  return read;
}

test('is what the clock says from its second reading on', async () => {
  expect(await readHourly(3)).toEqual([undefined, 0, 0]);
});

test('does not leap with the clock, and is right once that is put right', async () => {
  await readHourly(2);
  world.putClock(LEAP_MS);
  expect(await readHourly(1)).toEqual([-LEAP_MS / HOUR_MS]);
  world.putClock(-LEAP_MS);
  expect(await readHourly(2)).toEqual([0, 0]);
});

test('is of no clock that was ahead at the start and is put right before the second reading', async () => {
  world.putClock(LEAP_MS);
  expect(await readHourly(1)).toEqual([undefined]);
  world.putClock(-LEAP_MS);
  expect(await readHourly(1)).toEqual([0]);
});

test('follows a clock that was behind a few hours after it was put right', async () => {
  await readHourly(2);
  world.putClock(24 * HOUR_MS);
  expect(await readHourly(4)).toEqual([-24, -24, -24, 0]);
});

test('begins anew after a pause for which no reading counts any more', async () => {
  await readHourly(2);
  await world.advance(4 * HOUR_MS);
  expect(await readHourly(2)).toEqual([undefined, 0]);
});
