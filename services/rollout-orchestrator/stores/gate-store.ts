import type { Item, Table, UpdateWrite, WriteResult } from '#shared/capabilities/table.ts';
import { RolloutState } from '#shared/contracts/events/rollout-events.ts';
import { isEvidence } from '../domain/counting/cohorts.ts';
import { type HoldOut, readHoldOut } from '../domain/holdout/hold-out.ts';
import { gateKey } from './keys.ts';

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

/** Reads a gate item; throws when its state is not one, so that an unreadable gate stops instead of granting. */
function readGate(item: Item): Gate {
  const cohorts = new Map<number, CohortGate>();
  for (const [attribute, value] of Object.entries(item)) {
    if (!attribute.startsWith('granted.')) continue;
    const cohort = attribute.slice('granted.'.length);
    cohorts.set(Number(cohort), { granted: Number(value), ceiling: Number(item[`ceiling.${cohort}`]) });
  }
  return {
    state: RolloutState.parse(item.state),
    ...(typeof item.reason === 'string' && { reason: item.reason }),
    stage: Number(item.stage),
    ...(typeof item.launchedMs === 'number' && { launchedMs: item.launchedMs }),
    ...(item.heldUntilMs !== undefined && { holdOut: readHoldOut(item) }),
    epoch: Number(item.epoch),
    plan: Number(item.plan),
    granted: Number(item.granted),
    ceiling: Number(item.ceiling),
    cohorts,
  };
}

/** What one batch adds to the gate: permits by cohort. */
export type GrantsByCohort = ReadonlyMap<number, number>;

/**
 * The gate's part of a permit transaction: adds the permits, if the gate is still running in the same epoch and every
 * ceiling, the pooled one and each cohort's, has room for them.
 */
export function grantWrite(rollout: string, gate: Gate, grants: GrantsByCohort): UpdateWrite {
  const add: Record<string, number> = { granted: 0 };
  const when: NonNullable<UpdateWrite['when']>[number][] = [
    { attribute: 'state', is: '=', value: 'running' },
    { attribute: 'epoch', is: '=', value: gate.epoch },
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

  /** The gate as it is committed. */
  async read(rollout: string): Promise<Gate | undefined> {
    const [item] = await this.#table.get([gateKey(rollout)], { consistent: true });
    return item && readGate(item);
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
