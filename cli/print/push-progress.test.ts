import { describe, expect, test } from '@jest/globals';
import { VirtualWorld } from '#shared/world/virtual-world.ts';
import { screenAfter } from '../testing/screen.ts';
import { stderrIo } from '../testing/stderr-io.ts';
import { pushProgress } from './push-progress.ts';

describe('the progress of a push', () => {
  const progressOf = (errIsTerminal: boolean) => {
    let err = '';
    const world = new VirtualWorld();
    const progress = pushProgress(
      stderrIo(errIsTerminal, world, (text) => {
        err += text;
      }),
    );
    for (let done = 0; done <= 1000; done++) {
      progress.show({ step: 'uploading', bytes: done * 1024, totalBytes: 1_024_000 });
    }
    progress.show({ step: 'verifying', bytes: 1_024_000, totalBytes: 1_024_000 });
    progress.end();
    return err;
  };

  test('is a line for every 10 % where there is no terminal', () => {
    const lines = progressOf(false).trimEnd().split('\n');
    expect(lines[0]).toBe('uploading 0 % of 1000.0 KiB');
    expect(lines).toHaveLength(12);
    expect(lines.at(-2)).toBe('uploading 100 % of 1000.0 KiB');
    expect(lines.at(-1)).toBe('verifying');
  });

  test('is one line on a terminal, redrawn no more often than it helps', () => {
    const err = progressOf(true);
    expect(screenAfter(err)).toEqual(['verifying  1000.0 KiB uploaded, waiting for the verdict']);
    expect(err.split('uploading').length - 1).toBeLessThan(5);
  });
});
