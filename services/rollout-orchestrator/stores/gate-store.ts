import * as z from 'zod';
import { CONDITIONS_LIMIT } from '#shared/capabilities/limits/conditions.ts';
import type { Item, Table, UpdateWrite, WriteResult } from '#shared/capabilities/table.ts';
import { RolloutState } from '#shared/contracts/events/rollout-events.ts';
import { isEvidence } from '../domain/counting/cohorts.ts';
import { type HoldOut, readHoldOut } from '../domain/holdout/hold-out.ts';
import { count, refuse, text } from '../domain/row/attributes.ts';
import { gateKey } from './keys.ts';
import { readOnce } from './read-once.ts';

/** Permits given to a cohort so far, and how many may be given in all; both since launch. */
export interface CohortGate {
  readonly granted: number;
  readonly ceiling: number;
}

/**
 * The gate item: the only authority for running or halted, and for how many permits may be granted. Permit transactions add
 * to `granted`; only advance-rollouts moves `ceiling` and `epoch`; operators and halts move `state`.
 */
export interface Gate {
  readonly state: RolloutState;
  /** Why it is in that state, where there is something to say. */
  readonly reason?: string;
  /** The stage that is open, counted from 0. */
  readonly stage: number;
  /** When it was launched, milliseconds since 1970. */
  readonly launchedMs?: number;
  /** When it was last resumed, milliseconds since 1970. */
  readonly resumedMs?: number;
  /** The hold-out that bound its release when it was launched. */
  readonly holdOut?: HoldOut;
  readonly epoch: number;
  /** Rises whenever ceilings are set, so that a plan made on an older gate is not written over a newer one. */
  readonly plan: number;
  readonly granted: number;
  readonly ceiling: number;
  /** By cohort number, counted from 1 in order of first permit; 0 is `other`. */
  readonly cohorts: ReadonlyMap<number, CohortGate>;
}

/**
 * All of a gate that stopping a rollout needs, and that people are shown of one that cannot be read. It names no stage where it was written
 * before gates did, or where that cannot be read.
 */
export type GateLife = Pick<Gate, 'state' | 'reason' | 'launchedMs' | 'resumedMs' | 'cohorts'> &
  Partial<Pick<Gate, 'stage'>>;

const Count = z.number().int().min(0);

/**
 * Reads a gate item.
 *
 * @throws UnreadableRowError when it is none, so that it stops instead of granting: what is no number compares with nothing
 */
const readGate = readOnce((item): Gate => {
  const { launchedMs, resumedMs } = item;
  const hasHoldOut = item.heldUntilMs !== undefined || item.heldShare !== undefined;
  return {
    ...stateOf(item),
    stage: count('gate.stage', item.stage),
    ...(launchedMs !== undefined && { launchedMs: count('gate.launchedMs', launchedMs) }),
    ...(resumedMs !== undefined && { resumedMs: count('gate.resumedMs', resumedMs) }),
    ...(hasHoldOut && { holdOut: readHoldOut(item) }),
    epoch: count('gate.epoch', item.epoch),
    plan: count('gate.plan', item.plan),
    granted: count('gate.granted', item.granted),
    ceiling: count('gate.ceiling', item.ceiling),
    cohorts: cohortsOf(item, count),
  };
});

/** Reads what stops a rollout; throws only where the state itself cannot be read. Numbers that are none are shown as 0. */
function readLife(item: Item): GateLife {
  const { launchedMs, resumedMs } = item;
  const stage = Count.safeParse(item.stage);
  return {
    ...stateOf(item),
    ...(stage.success && { stage: stage.data }),
    ...(typeof launchedMs === 'number' && { launchedMs }),
    ...(typeof resumedMs === 'number' && { resumedMs }),
    cohorts: cohortsOf(item, (_, value) => (typeof value === 'number' ? value : 0)),
  };
}

function stateOf({ state, reason }: Item): Pick<Gate, 'state' | 'reason'> {
  const known = RolloutState.safeParse(state);
  return {
    state: known.success ? known.data : refuse('gate.state', 'a state', state),
    ...(reason !== undefined && { reason: text('gate.reason', reason) }),
  };
}

function cohortsOf(item: Item, read: (name: string, value: unknown) => number): Gate['cohorts'] {
  const cohorts = new Map<number, CohortGate>();
  for (const [attribute, value] of Object.entries(item)) {
    if (!attribute.startsWith('granted.')) continue;
    const cohort = attribute.slice('granted.'.length);
    const granted = read(`gate.${attribute}`, value);
    const ceiling = read(`gate.ceiling.${cohort}`, item[`ceiling.${cohort}`]);
    cohorts.set(read(`gate.${attribute}`, Number(cohort)), { granted, ceiling });
  }
  return cohorts;
}

/**
 * At most so many cohorts in one permit transaction: each has two conditions on the gate, and state, stage, epoch and the pooled ceiling
 * have five.
 */
export const COHORTS_PER_TRANSACTION = Math.floor((CONDITIONS_LIMIT - 5) / 2);

/** What one batch adds to the gate: permits by cohort. */
export type GrantsByCohort = ReadonlyMap<number, number>;

/**
 * The gate's part of a permit transaction: adds the permits, if the gate is still running in the same stage and epoch and every
 * ceiling, the pooled one and each cohort's, has room for them. At most `COHORTS_PER_TRANSACTION`.
 */
export function grantWrite(rollout: string, gate: Gate, grants: GrantsByCohort): UpdateWrite {
  const add: Record<string, number> = { granted: 0 };
  const when: NonNullable<UpdateWrite['when']>[number][] = [
    { attribute: 'state', is: '=', value: 'running' },
    { attribute: 'epoch', is: '=', value: gate.epoch },
    { attribute: 'stage', is: '=', value: gate.stage },
  ];
  let total = 0;
  for (const [cohort, count] of grants) {
    const ceiling = gate.cohorts.get(cohort)?.ceiling ?? 0;
    // Attempts after a device's first expose nobody new: they have a ceiling of their own and no part in the pooled one.
    if (isEvidence(cohort)) total += count;
    add[`granted.${cohort}`] = count;
    when.push(
      { attribute: `ceiling.${cohort}`, is: '>=', value: ceiling },
      { attribute: `granted.${cohort}`, is: '<=', value: ceiling - count },
    );
  }
  add.granted = total;
  // Neither does a pooled ceiling that has fallen below what was granted keep them back.
  if (total > 0)
    when.push(
      { attribute: 'ceiling', is: '>=', value: gate.ceiling },
      { attribute: 'granted', is: '<=', value: gate.ceiling - total },
    );
  return { update: gateKey(rollout), add, when };
}

/** Ceilings to be set, pooled and by cohort. */
export interface Ceilings {
  readonly pooled: number;
  readonly cohorts: ReadonlyMap<number, number>;
}

/** The gate items of rollouts. */
export class GateStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** The gate as it is committed. Throws `UnreadableRowError`. */
  async read(rollout: string): Promise<Gate | undefined> {
    const [item] = await this.#table.get([gateKey(rollout)], { consistent: true });
    return item && readGate(item);
  }

  /** Whether the rollout runs, even where the rest of its gate cannot be read. Throws `UnreadableRowError`. */
  async life(rollout: string): Promise<GateLife | undefined> {
    const [item] = await this.#table.get([gateKey(rollout)], { consistent: true });
    return item && readLife(item);
  }

  /** Opens a cohort with its first window, if nobody has yet. */
  async openCohort(rollout: string, cohort: number, ceiling: number): Promise<void> {
    await this.#table.write({
      update: gateKey(rollout),
      set: { [`granted.${cohort}`]: 0, [`ceiling.${cohort}`]: ceiling },
      when: [{ attribute: `granted.${cohort}`, is: 'absent' }],
    });
  }

  /** Sets ceilings (absolute numbers of permits since launch), if nobody has set them since the gate was read. */
  setCeilings(rollout: string, gate: Gate, { pooled, cohorts }: Ceilings): Promise<WriteResult> {
    const set: Record<string, number> = { ceiling: pooled, plan: gate.plan + 1 };
    for (const [cohort, ceiling] of cohorts) set[`ceiling.${cohort}`] = ceiling;
    return this.#table.write({
      update: gateKey(rollout),
      set,
      when: [
        { attribute: 'epoch', is: '=', value: gate.epoch },
        { attribute: 'plan', is: '=', value: gate.plan },
      ],
    });
  }

  /**
   * Begins the next epoch. The answer is the gate at that very instant: every permit of the epochs before is in its
   * `granted`, and every later one will carry the new epoch. `undefined` when somebody else began it.
   */
  async nextEpoch(rollout: string, epoch: number): Promise<Gate | undefined> {
    const result = await this.#table.write({
      update: gateKey(rollout),
      set: { epoch: epoch + 1 },
      when: [{ attribute: 'epoch', is: '=', value: epoch }],
    });
    return result.outcome === 'written' && result.item ? readGate(result.item) : undefined;
  }
}
