import { expect, test } from '@jest/globals';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { watchProgress } from './stalled-peer.ts';

const IDLE_SECONDS = 60;

/** Whether a peer is given up within an hour that moves so many bytes a second. */
async function isGivenUp(bytesPerSecond: number): Promise<boolean> {
  const world = new VirtualWorld();
  let gaveUp = false;
  const progress = () => Math.floor((world.monotonicMs() / 1000) * bytesPerSecond);
  const stop = watchProgress(world, IDLE_SECONDS, progress, () => {
    gaveUp = true;
  });
  await world.advance(3_600_000);
  stop();
  return gaveUp;
}

test.each([
  [0, true],
  [1 / 50, true],
  [255, true],
  [256, false],
  [1_000_000, false],
])('a peer that moves %d bytes a second is given up: %p', async (bytesPerSecond, expected) => {
  expect(await isGivenUp(bytesPerSecond)).toBe(expected);
});
