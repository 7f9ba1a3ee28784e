import { expect, test } from '@jest/globals';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { screenAfter } from '../testing/screen.ts';
import { stderrIo } from '../testing/stderr-io.ts';
import { lookedProgress } from './looked-progress.ts';

/** A look at a thousand devices each half second, for so many seconds. */
async function progressOf(errIsTerminal: boolean, seconds: number, isOver = true): Promise<string> {
  let err = '';
  const world = new VirtualWorld();
  const io = stderrIo(errIsTerminal, world, (text) => {
    err += text;
  });
  const progress = lookedProgress(io);
  for (let call = 1; call <= seconds * 2; call += 1) {
    await world.advance(500);
    progress.show(call * 1_000);
  }
  if (isOver) progress.end();
  return err;
}

test('is a line after a second and then each ten, where there is no terminal', async () => {
  const lines = (await progressOf(false, 25)).trimEnd().split('\n');
  const looked = ['2000', '22000', '42000'];
  expect(lines).toEqual(looked.map((count) => `${count} devices looked at so far`));
});

test('is one line on a terminal, which is gone when it is over', async () => {
  expect(screenAfter(await progressOf(true, 25, false))).toEqual(['50000 devices looked at so far']);
  expect(screenAfter(await progressOf(true, 25)).join('')).toBe('');
});

test('is nothing for what takes less than a second', async () => {
  expect(await progressOf(true, 0.5)).toBe('');
});
