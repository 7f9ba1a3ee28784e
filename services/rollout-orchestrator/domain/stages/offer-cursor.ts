import type { Stage } from '../document/rollout-document.ts';
import { rankBound } from './stage-reach.ts';

/** Least number of devices that may hold an offer without a permit. */
const LEAST_OFFERED = 100;
/** Offers per permit that the window would grant, so that devices which are off do not starve it. */
const OFFERS_PER_PERMIT = 4;
const CREEP_EVERY_MS = 60_000;

/** Up to which rank devices are offered the release, in [0, 1], and when that last rose. */
export interface OfferCursor {
  readonly upTo: number;
  readonly movedMs: number;
}

/** What moves the cursor. */
export interface CursorEvidence {
  readonly stage: Stage;
  /** Members of the rollout, or for a tag stage those that carry its tag. */
  readonly members: number;
  /** Permits granted so far, and of those before the stage opened. */
  readonly granted: number;
  readonly grantedBefore: number;
  /** W: how many permits may be young or suspect at once. */
  readonly windowSize: number;
  /** Permits that could be granted this moment: by window, stage and pace. 0 unless the rollout runs. */
  readonly room: number;
}

/**
 * The cursor when stage `to` opens after `from`. It goes on where it was, except around a tag stage: that one counts the ranks of
 * other devices, the tagged ones.
 */
export function cursorAtOpening(cursor: OfferCursor, from: Stage, to: Stage, nowMs: number): OfferCursor {
  const goesOn = from.kind !== 'tag' && to.kind !== 'tag';
  return goesOn ? cursor : { upTo: 0, movedMs: nowMs };
}

/**
 * Where the cursor goes now: so far that max(100, 4 x window) devices may hold an offer without a permit, never back, and one such
 * step a minute further while permits are to be had and too few ask, so that devices which are off do not hold up the rest. It never
 * creeps out of the stage: the offers of the next one begin where those of this one ended.
 */
export function moveCursor(cursor: OfferCursor, evidence: CursorEvidence, nowMs: number): OfferCursor {
  const { stage, members, windowSize } = evidence;
  const allowance = Math.max(LEAST_OFFERED, OFFERS_PER_PERMIT * windowSize);
  const granted = stage.kind === 'tag' ? evidence.granted - evidence.grantedBefore : evidence.granted;
  const bound = Math.max(cursor.upTo, rankBound(stage, members));
  const earned = Math.min(bound, share(granted + allowance, members));
  if (earned > cursor.upTo) return { upTo: earned, movedMs: nowMs };
  if (evidence.room <= 0 || nowMs - cursor.movedMs < CREEP_EVERY_MS) return cursor;
  const crept = Math.min(bound, cursor.upTo + share(allowance, members));
  return crept > cursor.upTo ? { upTo: crept, movedMs: nowMs } : cursor;
}

const share = (devices: number, members: number): number => (devices >= members ? 1 : devices / members);
