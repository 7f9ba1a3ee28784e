import { type CounterDeltas, sumDeltas, sumShards } from '../counting/counters.ts';
import { delayBucket } from '../counting/delays.ts';
import { evidenceOf } from '../counting/evidence.ts';
import { assessEvidence } from '../halting/assess-evidence.ts';
import type { EpochMark } from './epochs.ts';
import { planWindow, type WindowPlan, type WindowSettings } from './plan-window.ts';

/** What becomes of one device of a simulated fleet: how long after its permit it proves itself; never, when it bricks. */
export interface Fate {
  readonly cohort: number;
  readonly provenAfterMs: number | 'never';
}

/** How a simulated rollout went. */
export interface Outcome {
  readonly halted: boolean;
  readonly exposed: number;
  readonly bricked: ReadonlyMap<number, number>;
  readonly endedMs: number;
}

interface Resolution {
  readonly epoch: number;
  readonly cohort: number;
  readonly delayMs?: number;
}

const SILENT_AFTER_MS = 30 * 60_000;
const REBOOTS_AFTER_MS = 60_000;

/**
 * A rollout over devices that all ask at once, by nothing but the decisions: grants what the window lets through, counts what becomes of
 * it, begins and forgets epochs as planned, and looks again when something was heard or the plan says that time alone changes it.
 * Ends when it halts, or when nothing is left to happen. Everything is heard at multiples of `tickMs`.
 *
 * @param next the fate of the device that is granted next
 */
export function simulateRollout(settings: WindowSettings, next: () => Fate, tickMs: number): Outcome {
  const due = new Map<number, Resolution[]>();
  const granted = new Map<number, number>();
  const bricked = new Map<number, number>();
  let counts: CounterDeltas = {};
  let marks: readonly EpochMark[] = [{ epoch: 1, startedMs: 0, granted: new Map() }];
  let paceMarks: WindowPlan['paceMarks'] = [];
  let epoch = 1;
  let exposed = 0;

  const grantOne = (nowMs: number, { cohort, provenAfterMs }: Fate): void => {
    granted.set(cohort, (granted.get(cohort) ?? 0) + 1);
    exposed += 1;
    const isBrick = provenAfterMs === 'never';
    if (isBrick) bricked.set(cohort, (bricked.get(cohort) ?? 0) + 1);
    const delayMs = isBrick ? REBOOTS_AFTER_MS + SILENT_AFTER_MS : provenAfterMs;
    const heardMs = Math.ceil((nowMs + delayMs) / tickMs) * tickMs;
    const resolution = isBrick ? { epoch, cohort } : { epoch, cohort, delayMs };
    const others = due.get(heardMs) ?? [];
    others.push(resolution);
    due.set(heardMs, others);
  };

  for (let nowMs = 0; ; ) {
    const heard = due.get(nowMs) ?? [];
    due.delete(nowMs);
    counts = sumDeltas([counts, ...heard.map(countsOf)]);
    const counters = sumShards([counts]);
    const { verdict } = assessEvidence(evidenceOf(granted, counters), settings);
    if (verdict === 'halt') return { halted: true, exposed, bricked, endedMs: nowMs };

    const state = { counters, gate: { epoch, granted }, marks, paceMarks };
    const plan = planWindow(state, settings, nowMs);
    paceMarks = plan.paceMarks;
    marks = plan.epochs.keep;
    if (plan.epochs.bump) {
      epoch += 1;
      marks = [...marks, { epoch, startedMs: nowMs, granted: new Map(granted) }];
    }
    let room = plan.pooled.room;
    while (room > 0) {
      const fate = next();
      // A cohort that is full keeps its device waiting; another one is asked instead.
      const cohortCeiling = plan.cohorts.get(fate.cohort)?.ceiling ?? settings.firstWindow;
      room -= 1;
      if ((granted.get(fate.cohort) ?? 0) < cohortCeiling) grantOne(nowMs, fate);
    }
    const nextMs = Math.min(...due.keys(), plan.wakeAtMs ?? Number.POSITIVE_INFINITY);
    if (nextMs === Number.POSITIVE_INFINITY || (exposed >= settings.stageCeiling && due.size === 0)) {
      return { halted: false, exposed, bricked, endedMs: nowMs };
    }
    nowMs = Math.max(nowMs + tickMs, Math.ceil(nextMs / tickMs) * tickMs);
  }
}

function countsOf({ epoch, cohort, delayMs }: Resolution): CounterDeltas {
  const passed = { [`${epoch}.${cohort}.installing`]: 1 };
  return delayMs === undefined
    ? { ...passed, [`${epoch}.${cohort}.silent`]: 1 }
    : { ...passed, [`${epoch}.${cohort}.good`]: 1, [`d${delayBucket(delayMs)}`]: 1 };
}
