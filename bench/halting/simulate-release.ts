import { countersOf } from '../../services/rollout-orchestrator/domain/counting/counters.ts';
import { delayBucket } from '../../services/rollout-orchestrator/domain/counting/delays.ts';
import { evidenceOf } from '../../services/rollout-orchestrator/domain/counting/evidence.ts';
import { planShardFold } from '../../services/rollout-orchestrator/domain/counting/fold-shard.ts';
import { assessEvidence } from '../../services/rollout-orchestrator/domain/halting/assess-evidence.ts';
import type { EpochMark } from '../../services/rollout-orchestrator/domain/widening/epochs.ts';
import {
  planWindow,
  type WindowSettings,
} from '../../services/rollout-orchestrator/domain/widening/plan-window.ts';
import { FLEET, heardAfterMs, SCORED_AFTER_MS } from './fates.ts';

/** The defaults of a rollout document, at a pace that holds nothing up. */
const SETTINGS: WindowSettings = {
  firstWindow: 10,
  growth: 1,
  stageCeiling: FLEET,
  suspectAtLeastMs: 120_000,
  failureRate: 0.001,
  lostRate: 0.05,
  falseHalt: 0.001,
};

/** Everything is heard at multiples of this: a batch window, and the look that it causes. */
const TICK_MS = 5_000;
const SCORED_AFTER_TICKS = Math.ceil(SCORED_AFTER_MS / TICK_MS);
const COHORT = 1;

/** How a release went: whether it was halted, after how many exposed devices, and how many of those bricked. */
export interface Outcome {
  readonly halted: boolean;
  readonly exposed: number;
  readonly bricked: number;
}

/** What is heard of one epoch at one moment: good ones by the bucket of their delay, and bricks that are scored. */
interface Heard {
  readonly good: Map<number, number>;
  bricked: number;
}

/**
 * One release on its way to a million devices that all ask at once, by nothing but the decisions of the product: what the window
 * lets through is granted, what becomes of it is counted by epoch as the rows would be, and every tick with news is a look. Ends
 * when it halts, or when nothing is left to happen.
 */
export function simulateRelease(random: () => number, brickRate: number): Outcome {
  const due = new Map<number, Map<number, Heard>>();
  const sums: Record<string, number> = {};
  let marks: readonly EpochMark[] = [{ epoch: 1, startedMs: 0, granted: new Map() }];
  let paceMarks: ReturnType<typeof planWindow>['paceMarks'] = [];
  let epoch = 1;
  let exposed = 0;
  let bricked = 0;

  const add = (name: string, count: number) => {
    sums[name] = (sums[name] ?? 0) + count;
  };
  /** Grants so many at once; devices that are heard at the same moment are counted together. */
  const grant = (nowMs: number, devices: number): void => {
    const byTick = new Map<number, number>();
    let bricks = 0;
    for (let left = devices; left > 0; left -= 1) {
      if (random() < brickRate) bricks += 1;
      else {
        const ticks = Math.ceil(heardAfterMs(random) / TICK_MS);
        byTick.set(ticks, (byTick.get(ticks) ?? 0) + 1);
      }
    }
    exposed += devices;
    bricked += bricks;
    if (bricks > 0) dueAt(nowMs + SCORED_AFTER_TICKS * TICK_MS).bricked += bricks;
    for (const [ticks, good] of byTick) {
      const heard = dueAt(nowMs + ticks * TICK_MS);
      const bucket = delayBucket(ticks * TICK_MS);
      heard.good.set(bucket, (heard.good.get(bucket) ?? 0) + good);
    }
  };
  const dueAt = (heardMs: number): Heard =>
    fetchOr(
      fetchOr(due, heardMs, () => new Map<number, Heard>()),
      epoch,
      () => ({ good: new Map<number, number>(), bricked: 0 }),
    );
  const count = (of: number, { good, bricked: silent }: Heard): void => {
    let proven = 0;
    for (const [bucket, devices] of good) {
      add(`d${bucket}`, devices);
      proven += devices;
    }
    add(`${of}.${COHORT}.installing`, proven + silent);
    if (proven > 0) add(`${of}.${COHORT}.good`, proven);
    if (silent > 0) add(`${of}.${COHORT}.silent`, silent);
  };

  const fold = (epochs: readonly number[]): void => {
    if (epochs.length === 0) return;
    for (const plan of planShardFold(sums, new Set(epochs))) {
      for (const [name, value] of Object.entries(plan.add)) add(name, value);
      for (const name of plan.remove) delete sums[name];
    }
  };

  for (let nowMs = 0; ; ) {
    for (const [of, heard] of due.get(nowMs) ?? []) count(of, heard);
    due.delete(nowMs);
    const counters = countersOf(sums);
    const granted = new Map(exposed === 0 ? [] : [[COHORT, exposed]]);
    const { verdict } = assessEvidence(evidenceOf(granted, counters), SETTINGS);
    if (verdict === 'halt') return { halted: true, exposed, bricked };

    const plan = planWindow({ counters, gate: { epoch, granted }, marks, paceMarks }, SETTINGS, nowMs);
    paceMarks = plan.paceMarks;
    marks = plan.epochs.keep;
    fold(plan.epochs.fold);
    if (plan.epochs.bump) {
      epoch += 1;
      marks = [...marks, { epoch, startedMs: nowMs, granted }];
    }
    const cohort = plan.cohorts.get(COHORT)?.ceiling ?? SETTINGS.firstWindow;
    const room = Math.min(plan.pooled.room, cohort - exposed);
    if (room > 0) grant(nowMs, room);
    const nextMs = Math.min(...due.keys(), plan.wakeAtMs ?? Number.POSITIVE_INFINITY);
    if (nextMs === Number.POSITIVE_INFINITY || (exposed >= FLEET && due.size === 0)) {
      return { halted: false, exposed, bricked };
    }
    nowMs = Math.max(nowMs + TICK_MS, Math.ceil(nextMs / TICK_MS) * TICK_MS);
  }
}

function fetchOr<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}
