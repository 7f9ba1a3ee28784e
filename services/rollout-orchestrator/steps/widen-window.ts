import type { Clock } from '#shared/capabilities/clock.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import type { Call } from '#shared/lambda/call.ts';
import { hasTimeIn, tryAgain } from '#shared/retry/try-again.ts';
import type { CounterStore } from '../stores/counter-store.ts';
import type { Ceilings, Gate, GateStore } from '../stores/gate-store.ts';
import type { Look, LookEnd } from './look.ts';

/** What widening needs. */
export interface WideningNeeds {
  readonly gates: GateStore;
  readonly counters: CounterStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Moves the ceilings of the gate as planned, then folds the counters of old epochs. */
export async function widenWindow(
  { whole, plan }: Look,
  needs: WideningNeeds,
  call: Pick<Call, 'remainingMs'>,
): Promise<LookEnd> {
  const { record, gate, evidence } = whole;
  const { rollout } = record;
  const { pooled, cohorts, epochs } = plan.window;
  const ceilings: Ceilings = {
    pooled: pooled.ceiling,
    cohorts: new Map([...cohorts].map(([cohort, { ceiling }]) => [cohort, ceiling])),
  };
  if (!hasCeilings(gate, ceilings)) {
    const { outcome } = await tryAgain(
      needs,
      () => needs.gates.setCeilings(rollout, gate, ceilings),
      hasTimeIn(call),
    );
    if (outcome === 'refused') return 'overtaken';
  }
  const old = epochs.fold.filter((epoch) => evidence.counters.epochs.has(epoch));
  if (old.length > 0)
    await tryAgain(needs, () => needs.counters.fold(rollout, new Set(old)), hasTimeIn(call));
  return 'done';
}

const hasCeilings = (gate: Gate, { pooled, cohorts }: Ceilings): boolean =>
  gate.ceiling === pooled &&
  [...cohorts].every(([cohort, ceiling]) => gate.cohorts.get(cohort)?.ceiling === ceiling);
