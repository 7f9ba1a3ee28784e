import { expect, test } from '@jest/globals';
import { granted, minute } from '../attempt/attempt.fixture.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { RETRY_COHORT } from '../counting/cohorts.ts';
import { unpackDevice } from './device-row.ts';
import { FLIPS_WITHIN_MS, isInDoubt } from './quarantine.ts';

const ENDED_MS = minute(7);
const open = granted();
const failed: Attempt = { ...open, state: 'failed', endedMs: ENDED_MS };
const last = { bad: { rollout: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D', attempt: failed.id } };
const device = unpackDevice('acme', 'cam-0');

test.each<[string, Attempt, typeof last | undefined, number, boolean]>([
  ['one that is open', open, undefined, 0, true],
  ['one that ended badly just before', failed, last, 0, true],
  ['one that ended badly as long ago as two may speak in turns', failed, last, FLIPS_WITHIN_MS, true],
  ['one that ended badly longer ago', failed, last, FLIPS_WITHIN_MS + 1, false],
  ['one that is not the last that ended badly', failed, undefined, 0, false],
  ['one that is no evidence', { ...open, cohort: RETRY_COHORT }, undefined, 0, false],
  ['one that is excused', { ...failed, excused: true }, last, 0, false],
])('of a device that two may be, %s is in doubt or not (%#)', (_what, attempt, bad, laterMs, isSo) => {
  expect(isInDoubt({ ...device, ...bad }, attempt, ENDED_MS + laterMs)).toBe(isSo);
});
