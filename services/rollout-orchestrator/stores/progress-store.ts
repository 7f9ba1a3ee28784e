import * as z from 'zod';
import type { Condition, Item, PutWrite, Table } from '#shared/capabilities/table.ts';
import { RolloutChanged } from '#shared/contracts/events/rollout-events.ts';
import { outboxEntry } from '#shared/outbox/outbox.ts';
import type { Fleet } from '../domain/advance/fleet.ts';
import type { Progress } from '../domain/advance/progress.ts';
import { isRecent } from '../domain/clock/ahead.ts';
import { readRow } from '../domain/row/read-row.ts';
import { fleetKey, progressKey, rolloutPartition } from './keys.ts';
import { readOnce } from './read-once.ts';

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

  /** The progress as it is committed. Throws `UnreadableRowError`. */
  async read(rollout: string): Promise<StoredProgress | undefined> {
    const [item] = await this.#table.get([progressKey(rollout)], { consistent: true });
    return item && readProgress(item);
  }

  /** Which stage is open, even where the rest of the progress cannot be read; `undefined` where there is none that can be. */
  async stage(rollout: string): Promise<number | undefined> {
    const [item] = await this.#table.get([progressKey(rollout)], { consistent: true });
    const stage = Count.safeParse(item?.stage);
    return stage.success ? stage.data : undefined;
  }

  /** Whether the open stage had stalled at the last look, even where the rest of the progress cannot be read. */
  async isStalled(rollout: string): Promise<boolean> {
    const [item] = await this.#table.get([progressKey(rollout)], { consistent: false });
    return item?.stalled !== undefined;
  }

  /** Replaces the progress if nobody else has since it was read; what it tells the bus goes with it. */
  async save(
    rollout: string,
    progress: Progress,
    revision: number,
    event?: RolloutChanged,
  ): Promise<boolean> {
    const put: PutWrite = {
      put: progressItem(rollout, progress, revision + 1),
      when: [{ attribute: 'revision', is: '=', value: revision }],
    };
    if (event === undefined) return (await this.#table.write(put)).outcome === 'written';
    const told = outboxEntry(rolloutPartition(rollout), RolloutChanged, event);
    return (await this.#table.transact([put, told], { token: event.id })).outcome === 'written';
  }

  /** The size of the fleet, as far as it was counted. Throws `UnreadableRowError`. */
  async fleet(rollout: string): Promise<Fleet> {
    const [item] = await this.#table.get([fleetKey(rollout)], { consistent: true });
    return item === undefined ? {} : readFleet(item);
  }

  /**
   * The fleet has been counted for that stage. A count for an earlier stage that comes late, or once more, changes nothing: of a stage by tag
   * only its first count tells who took part before, and the next one would pass for that.
   */
  async counted(
    rollout: string,
    fleet: Required<Omit<Fleet, 'countAskedMs' | 'lastUnservedMs'>>,
  ): Promise<void> {
    const change = { update: fleetKey(rollout), set: { ...fleet } };
    const isOfStage: Condition = { attribute: 'stage', is: '<=', value: fleet.stage };
    const again = await this.#table.write({ ...change, when: [isOfStage] });
    if (again.outcome === 'written') return;
    await this.#table.write({ ...change, when: [{ attribute: 'stage', is: 'absent' }] });
  }

  /** Another count was asked for. */
  async countAsked(rollout: string, nowMs: number): Promise<void> {
    await this.#table.write({ update: fleetKey(rollout), set: { countAskedMs: nowMs } });
  }

  /** A member asked for a permit and had to wait, also where the rest of what is known of the fleet cannot be read. */
  async unserved(rollout: string, nowMs: number): Promise<void> {
    const [item] = await this.#table.get([fleetKey(rollout)], { consistent: true });
    const last = Count.safeParse(item?.lastUnservedMs);
    if (last.success && isRecent(last.data, nowMs, UNSERVED_EVERY_MS)) return;
    await this.#table.write({ update: fleetKey(rollout), set: { lastUnservedMs: nowMs } });
  }
}

/** The item of a progress: maps by cohort number become objects. */
export function progressItem(rollout: string, progress: Progress, revision: number): Item {
  return {
    ...progressKey(rollout),
    ...progress,
    cursor: { ...progress.cursor },
    marks: progress.marks.map((mark) => ({ ...mark, granted: Object.fromEntries(mark.granted) })),
    paceMarks: progress.paceMarks.map((mark) => ({ ...mark })),
    revision,
  };
}

// What a later version adds is kept.
const Count = z.number().int().min(0);
const Tally = z.looseObject({ granted: Count, exposed: Count, good: Count, unresolved: Count });
const Mark = z.looseObject({ epoch: Count, startedMs: Count, granted: z.record(z.string(), Count) });
const ProgressRow = z.looseObject({
  revision: Count,
  stage: Count,
  stageOpenedMs: Count,
  before: Tally,
  evidenceSinceMs: z.number().exactOptional(),
  cursor: z.looseObject({ upTo: z.number().min(0).max(1), movedMs: Count }),
  marks: z.array(Mark),
  paceMarks: z.array(z.looseObject({ atMs: Count, granted: Count })),
  granted: Count,
  lastGrantMs: Count.exactOptional(),
  stageFull: z.boolean(),
  stalled: z.string().exactOptional(),
  wakeAtMs: z.number().exactOptional(),
});
const FleetRow = z.looseObject({
  members: Count.exactOptional(),
  tagged: Count.exactOptional(),
  taggedBefore: Count.exactOptional(),
  heldBack: Count.exactOptional(),
  stage: Count.exactOptional(),
  countBeganMs: Count.exactOptional(),
  countedMs: Count.exactOptional(),
  changeNotes: Count.exactOptional(),
  looked: Count.exactOptional(),
  countAskedMs: Count.exactOptional(),
  lastUnservedMs: Count.exactOptional(),
});

/** What is known of a fleet by its item. */
const readFleet = readOnce(({ pk: _pk, sk: _sk, ...item }): Fleet => readRow('fleet', FleetRow, item));

/** Reads what `progressItem` made. */
const readProgress = readOnce(({ pk: _pk, sk: _sk, ...item }): StoredProgress => {
  const { revision, ...stored } = readRow('progress', ProgressRow, item);
  const marks = stored.marks.map((mark) => ({
    ...mark,
    granted: new Map(Object.entries(mark.granted).map(([cohort, count]) => [Number(cohort), count])),
  }));
  return { progress: { ...stored, marks }, revision };
});
