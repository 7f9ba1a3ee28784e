import type { Item, Table, Value } from '#shared/capabilities/table.ts';
import type { Fleet, Progress } from '../domain/advance/plan-advance.ts';
import type { EpochMark } from '../domain/widening/epochs.ts';
import { fleetKey, progressKey } from './keys.ts';

/** A progress with the number of its last write. */
export interface StoredProgress {
  readonly progress: Progress;
  readonly revision: number;
}

/** An unserved device is noted once in so long. */
const UNSERVED_EVERY_MS = 10_000;

/** Progress of rollouts and the size of their fleets. */
export class ProgressStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async read(rollout: string): Promise<StoredProgress | undefined> {
    const [item] = await this.#table.get([progressKey(rollout)], { consistent: true });
    return item && { progress: readProgress(item), revision: Number(item.revision) };
  }

  /** Replaces the progress if nobody else has since it was read. */
  async save(rollout: string, progress: Progress, revision: number): Promise<boolean> {
    const { outcome } = await this.#table.write({
      put: progressItem(rollout, progress, revision + 1),
      when: [{ attribute: 'revision', is: '=', value: revision }],
    });
    return outcome === 'written';
  }

  async fleet(rollout: string): Promise<Fleet> {
    const [item] = await this.#table.get([fleetKey(rollout)], { consistent: true });
    return readFleet(item);
  }

  /** The fleet has been counted for that stage. */
  async counted(
    rollout: string,
    fleet: Required<Omit<Fleet, 'countAskedMs' | 'lastUnservedMs'>>,
  ): Promise<void> {
    await this.#table.write({ update: fleetKey(rollout), set: { ...fleet } });
  }

  /** Another count was asked for. */
  async countAsked(rollout: string, nowMs: number): Promise<void> {
    await this.#table.write({ update: fleetKey(rollout), set: { countAskedMs: nowMs } });
  }

  /** A member asked for a permit and had to wait. */
  async unserved(rollout: string, fleet: Fleet, nowMs: number): Promise<void> {
    if (nowMs - (fleet.lastUnservedMs ?? 0) < UNSERVED_EVERY_MS) return;
    await this.#table.write({ update: fleetKey(rollout), set: { lastUnservedMs: nowMs } });
  }
}

/** The item of a progress. */
export function progressItem(rollout: string, progress: Progress, revision: number): Item {
  const marks = progress.marks.map(({ granted, ...mark }) => ({
    ...mark,
    granted: Object.fromEntries(granted),
  }));
  // Plain data by its type; maps by cohort number become objects.
  return {
    ...progressKey(rollout),
    ...(progress as unknown as Item),
    marks: marks as unknown as Value,
    revision,
  };
}

/** What is known of a fleet by its item. */
function readFleet(item: Item | undefined): Fleet {
  const { pk: _pk, sk: _sk, ...fleet } = item ?? {};
  return fleet as Fleet;
}

/** Reads what `progressItem` made. */
function readProgress(item: Item): Progress {
  const { pk: _pk, sk: _sk, revision: _revision, ...stored } = item;
  const progress = stored as unknown as Progress & {
    readonly marks: readonly (Omit<EpochMark, 'granted'> & {
      readonly granted: Readonly<Record<string, number>>;
    })[];
  };
  const marks = progress.marks.map(({ granted, ...mark }) => ({
    ...mark,
    granted: new Map(Object.entries(granted).map(([cohort, count]) => [Number(cohort), count])),
  }));
  return { ...progress, marks };
}
