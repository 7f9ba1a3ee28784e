import type { VirtualWorld } from '#shared/world/virtual-world.ts';

/** Moves the world on until `work` has ended, and answers what it answers. */
export async function drive<T>(world: VirtualWorld, work: Promise<T>): Promise<T> {
  let isDone = false;
  const ended = () => {
    isDone = true;
  };
  work.then(ended, ended);
  await driveUntil(world, () => isDone);
  return work;
}

/** Turns without an end after which files are waited for, and after which virtual time has to pass. */
const FILE_TURNS = 10;
const PAUSE_TURNS = 30;

/** Moves the world on until that is so; what pauses for a short while inside a function goes on as well. */
export async function driveUntil(world: VirtualWorld, isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo(); turn++) {
    await world.settle();
    if (turn > FILE_TURNS && !isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
    if (turn > PAUSE_TURNS && !isSo()) await world.advance(10);
  }
}
