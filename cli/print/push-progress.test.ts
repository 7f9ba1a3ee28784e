import { describe, expect, test } from '@jest/globals';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { screenAfter } from '../testing/screen.ts';
import { stderrIo } from '../testing/stderr-io.ts';
import { pushProgress } from './push-progress.ts';

describe('the progress of a push', () => {
  const progressOf = (errIsTerminal: boolean, msForEach = 0) => {
    let err = '';
    let nowMs = 0;
    const world = Object.assign(new VirtualWorld(), { monotonicMs: () => nowMs });
    const progress = pushProgress(
      stderrIo(errIsTerminal, world, (text) => {
        err += text;
      }),
    );
    for (let done = 0; done <= 1000; done++) {
      progress.show({ step: 'uploading', bytes: done * 1024, totalBytes: 1_024_000 });
      nowMs += msForEach;
    }
    progress.show({ step: 'verifying', bytes: 1_024_000, totalBytes: 1_024_000 });
    progress.end();
    return err;
  };

  test('is a line for each step where there is no terminal, and one every 2 s while it lasts', () => {
    expect(progressOf(false)).toBe('uploading 1000.0 KiB\nverifying\n');
    const lines = progressOf(false, 10).trimEnd().split('\n');
    expect(lines).toEqual([
      'uploading 1000.0 KiB',
      ...[20, 40, 60, 80, 100].map((percent) => `uploading ${percent} % of 1000.0 KiB`),
      'verifying',
    ]);
  });

  test('is one line on a terminal, redrawn no more often than it helps', () => {
    const err = progressOf(true);
    expect(screenAfter(err)).toEqual(['verifying  1000.0 KiB uploaded, waiting for the verdict']);
    expect(err.split('uploading').length - 1).toBeLessThan(5);
  });
});
