import { describe, expect, test } from '@jest/globals';
import { UnreadableEvidenceError } from '../halting/unreadable-evidence.ts';
import {
  boundaryOf,
  type EpochMark,
  type EpochView,
  epochLengthMs,
  MOST_MARKS,
  markOf,
  planEpochs,
} from './epochs.ts';
import { suspectAfterMs } from './suspect-after.ts';

const SPAN_MS = 120_000;
const mark = (epoch: number, startedMs: number, granted = epoch): EpochMark => ({
  epoch,
  startedMs,
  granted: new Map([[1, granted]]),
});
const MARKS = [mark(1, 0), mark(2, 20_000), mark(3, 40_000)];
const plan = (over: Partial<EpochView> & { readonly epoch?: number; readonly granted?: number } = {}) =>
  planEpochs({
    gate: { epoch: over.epoch ?? 3, granted: new Map([[1, over.granted ?? 3]]) },
    marks: MARKS,
    counted: [1, 2, 3],
    nowMs: 41_000,
    suspectAfterMs: SPAN_MS,
    ...over,
  });

describe('the mark of an epoch', () => {
  test('never lies before the last one, whichever server begins it', () => {
    const next = markOf({ epoch: 5, granted: new Map() }, MARKS, 39_000);
    expect(next).toEqual({ epoch: 5, startedMs: 40_000, granted: new Map() });
    expect(() => boundaryOf([...MARKS, next], 39_000, SPAN_MS)).not.toThrow();
    expect(markOf({ epoch: 5, granted: new Map() }, MARKS, 41_000).startedMs).toBe(41_000);
  });
});

describe('suspectAfterMs', () => {
  test('is the least where nothing was proven, or everything was proven sooner', () => {
    expect(suspectAfterMs([], 120_000)).toBe(120_000);
    expect(suspectAfterMs([100], 120_000)).toBe(120_000);
  });

  test('is the 99 % quantile of the delays so far where that is longer', () => {
    const delays = Array.from({ length: 30 }, () => 0);
    delays[4] = 98;
    delays[20] = 2;
    expect(suspectAfterMs(delays, 120_000)).toBe(256_000);
    expect(suspectAfterMs(delays, 500)).toBe(256_000);
  });
});

describe('boundaryOf', () => {
  test('is the last mark from which suspectAfter has passed: an epoch is old when the next began that long ago', () => {
    expect(boundaryOf(MARKS, 20_000 + SPAN_MS - 1, SPAN_MS).epoch).toBe(1);
    expect(boundaryOf(MARKS, 20_000 + SPAN_MS, SPAN_MS).epoch).toBe(2);
    expect(boundaryOf(MARKS, 9_999_999, SPAN_MS).epoch).toBe(3);
  });

  test('is the first mark while everything is young', () => {
    expect(boundaryOf(MARKS, 0, SPAN_MS).epoch).toBe(1);
  });

  test('cannot be read from marks that are missing or do not rise', () => {
    expect(() => boundaryOf([], 0, SPAN_MS)).toThrow(UnreadableEvidenceError);
    expect(() => boundaryOf([mark(2, 0), mark(2, 5)], 0, SPAN_MS)).toThrow(UnreadableEvidenceError);
    expect(() => boundaryOf([mark(2, 9), mark(3, 5)], 0, SPAN_MS)).toThrow(UnreadableEvidenceError);
  });
});

describe('planEpochs', () => {
  test('ends an epoch after an eighth of the young span, if something was granted in it', () => {
    expect(epochLengthMs(SPAN_MS)).toBe(15_000);
    expect(plan({ granted: 4, nowMs: 54_999 })).toMatchObject({ bump: false, bumpAtMs: 55_000 });
    expect(plan({ granted: 4, nowMs: 55_000 })).toMatchObject({ bump: true });
    expect(plan({ granted: 3, nowMs: 55_000 })).toEqual({ bump: false, fold: [], keep: MARKS });
  });

  test('keeps epochs to a quarter of a second where time is scaled down', () => {
    expect(epochLengthMs(500)).toBe(250);
  });

  test('ends an epoch at once when its mark was never written', () => {
    expect(plan({ epoch: 4 })).toMatchObject({ bump: true });
  });

  test('does not trust marks that are ahead of the gate', () => {
    expect(() => plan({ epoch: 2 })).toThrow(UnreadableEvidenceError);
  });

  test('folds epochs that have been old for as long again, and forgets their marks', () => {
    expect(plan({ nowMs: 20_000 + 2 * SPAN_MS - 1 })).toMatchObject({ fold: [], keep: MARKS });
    expect(plan({ nowMs: 20_000 + 2 * SPAN_MS })).toMatchObject({ fold: [1], keep: MARKS.slice(1) });
    expect(plan({ nowMs: 9_999_999 })).toMatchObject({ fold: [1, 2], keep: MARKS.slice(2) });
  });

  test('keeps a bounded number of marks', () => {
    const marks = Array.from({ length: MOST_MARKS }, (_, i) => mark(i + 1, i));
    const full = { marks, epoch: MOST_MARKS, granted: 999, nowMs: 20_000 };
    expect(plan(full)).toMatchObject({ bump: false });
    expect(plan({ ...full, nowMs: 9_999_999 })).toMatchObject({ bump: true, keep: [marks.at(-1)] });
  });
});
