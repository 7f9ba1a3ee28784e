import { afterHeardMs, NEVER_AWAY, type TimesAway } from '../clock/away.ts';
import type { GrantedByCohort } from '../counting/evidence.ts';
import { UnreadableEvidenceError } from '../halting/unreadable-evidence.ts';

/** The gate as it was when an epoch began: every permit of the epochs before is in `granted`, every later one carries the epoch. */
export interface EpochMark {
  readonly epoch: number;
  readonly startedMs: number;
  readonly granted: GrantedByCohort;
}

/** Epochs in one young span: the finer, the sooner permits age, and the more counters a shard holds. */
const EPOCHS_PER_SPAN = 8;
const SHORTEST_EPOCH_MS = 250;
/** Marks that are kept at most; beyond that epochs grow longer, which only widens later. */
export const MOST_MARKS = 64;

/** The mark of an epoch that has just begun. Clocks of servers differ: it never lies before the last one of `marks`. */
export const markOf = (
  { epoch, granted }: Omit<EpochMark, 'startedMs'>,
  marks: readonly EpochMark[],
  nowMs: number,
): EpochMark => ({ epoch, startedMs: Math.max(nowMs, marks.at(-1)?.startedMs ?? 0), granted });

/** How long an epoch lasts at least, in milliseconds. */
export const epochLengthMs = (suspectAfterMs: number): number =>
  Math.max(SHORTEST_EPOCH_MS, suspectAfterMs / EPOCHS_PER_SPAN);

/**
 * The mark before which all permits are old: an epoch is old once the NEXT one began at least `suspectAfterMs` ago, while devices could be
 * heard. Epochs before the first mark were folded and stay old.
 *
 * @throws UnreadableEvidenceError when there is no mark, or the marks do not rise
 */
export function boundaryOf(
  marks: readonly EpochMark[],
  nowMs: number,
  suspectAfterMs: number,
  away: TimesAway = NEVER_AWAY,
): EpochMark {
  for (const [i, mark] of marks.entries()) {
    const next = marks[i + 1];
    if (next !== undefined && (next.epoch <= mark.epoch || next.startedMs < mark.startedMs)) {
      throw new UnreadableEvidenceError(`epoch ${next.epoch}`, `must come after epoch ${mark.epoch}`);
    }
  }
  const isOld = ({ startedMs }: EpochMark) => afterHeardMs(startedMs, suspectAfterMs, away) <= nowMs;
  const boundary = marks.findLast(isOld) ?? marks[0];
  if (boundary === undefined) throw new UnreadableEvidenceError('epochs', 'must hold at least the first');
  return boundary;
}

/** What to do about epochs now. */
export interface EpochPlan {
  /** Begin the next epoch, and append its mark as the gate was after that write. */
  readonly bump: boolean;
  /** Epochs whose counters can be folded into the base. */
  readonly fold: readonly number[];
  /** The marks that are still needed; the folded epochs lie before the first. */
  readonly keep: readonly EpochMark[];
  /** When the present epoch may end, where it already holds permits. */
  readonly bumpAtMs?: number;
}

/** What the plan of epochs looks at; `counted` are the epochs that counters hold. */
export interface EpochView {
  readonly gate: { readonly epoch: number; readonly granted: GrantedByCohort };
  readonly marks: readonly EpochMark[];
  readonly counted: Iterable<number>;
  readonly nowMs: number;
  readonly suspectAfterMs: number;
  readonly away?: TimesAway;
}

/**
 * Whether to begin an epoch, and which can be folded. An epoch ends when something was granted in it and it lasted long enough, or at
 * once when its mark is missing because whoever began it did not come to write it down: its permits then belong to the epoch before.
 * Epochs are folded when they have been old for as long again, so that a growing `suspectAfterMs` rarely finds them gone.
 *
 * @throws UnreadableEvidenceError when the marks are ahead of the gate
 */
export function planEpochs({ gate, marks, counted, nowMs, suspectAfterMs, away }: EpochView): EpochPlan {
  const foldedBelow = boundaryOf(marks, nowMs, 2 * suspectAfterMs, away);
  const keep = marks.slice(marks.indexOf(foldedBelow));
  const fold = [...counted].filter((epoch) => epoch < foldedBelow.epoch);
  const present = keep.at(-1) ?? foldedBelow;
  if (present.epoch > gate.epoch) {
    throw new UnreadableEvidenceError('epoch', `mark ${present.epoch} is ahead of the gate's ${gate.epoch}`);
  }
  if (present.epoch < gate.epoch) return { bump: true, fold, keep };
  const isUsed = totalOf(gate.granted) > totalOf(present.granted);
  if (!isUsed || keep.length >= MOST_MARKS) return { bump: false, fold, keep };
  const bumpAtMs = present.startedMs + epochLengthMs(suspectAfterMs);
  return nowMs >= bumpAtMs ? { bump: true, fold, keep } : { bump: false, fold, keep, bumpAtMs };
}

const totalOf = (granted: GrantedByCohort): number =>
  [...granted.values()].reduce((sum, count) => sum + count, 0);
