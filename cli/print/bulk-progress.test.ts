import { describe, expect, test } from '@jest/globals';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { screenAfter } from '../testing/screen.ts';
import { stderrIo } from '../testing/stderr-io.ts';
import { bulkProgress } from './bulk-progress.ts';

describe('the progress of a list', () => {
  /** A run over 1,000 devices: the first half was there already and passes in a second, the rest at 10 a second. */
  const progressOf = async (errIsTerminal: boolean, ended = 1000) => {
    let err = '';
    const world = new VirtualWorld();
    const io = stderrIo(errIsTerminal, world, (text) => {
      err += text;
    });
    const progress = bulkProgress(io, 'registering');
    for (let at = 1; at <= ended; at++) {
      await world.advance(at <= 500 ? 2 : at === 1000 ? 1 : 100);
      progress.show({ ended: at, failed: at >= 900 ? 3 : 0, total: 1000 });
    }
    progress.end();
    return err;
  };

  test('is a line each ten seconds where there is no terminal, with the rate of late and the time left', async () => {
    const lines = (await progressOf(false)).trimEnd().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toBe('registering: 500 of 1000, 500 a second, 1 s left');
    expect(lines[2]).toBe('registering: 700 of 1000, 10.0 a second, 30 s left');
    expect(lines[4]).toBe('registering: 900 of 1000, 10.0 a second, 10 s left, 3 failed');
  });

  test('is one line on a terminal', async () => {
    expect(screenAfter(await progressOf(true))).toEqual([
      expect.stringMatching(/^registering █{30} 1000 of 1000, 10\.1 a second, 0 ms left, 3 failed$/),
    ]);
  });

  test('is nothing for what takes less than a second', async () => {
    expect(await progressOf(true, 400)).toBe('');
  });
});
