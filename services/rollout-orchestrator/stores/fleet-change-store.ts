import type { Table } from '#shared/capabilities/table.ts';
import { isAhead } from '#shared/clock/ahead.ts';
import { savedOrStale } from '#shared/retry/saved-or-stale.ts';
import { count } from '../domain/row/attributes.ts';
import { fleetChangeKey } from './keys.ts';

/** A change is noted for so long ahead: whoever imports a million devices writes this item twice a minute, not a million times. */
const NOTED_AHEAD_MS = 30_000;
/** So far another instance's clock may be behind, which puts back what this one has noted: noted is so much more than is relied on. */
const SKEW_MS = 5_000;

/** What is known of changes of a product's devices. */
export interface FleetChanges {
  /** There were some until then at the latest, milliseconds since 1970; may lie ahead. 0 where none is known. */
  readonly untilMs: number;
  /** How often they have been noted: what no clock says, which may be put back between a count and a change. */
  readonly notes: number;
}

/** When the devices of a product last came, went or got other facts: what a count of members may have missed. */
export class FleetChangeStore {
  readonly #table: Table;
  /** Until when changes are noted already by this instance, by partition: one for each product. */
  readonly #notedUntilMs = new Map<string, number>();

  constructor(table: Table) {
    this.#table = table;
  }

  /** A device of that product has changed. */
  async note(tenant: string, product: string, nowMs: number): Promise<void> {
    const key = fleetChangeKey(tenant, product);
    const notedUntilMs = nowMs + NOTED_AHEAD_MS;
    const untilMs = this.#notedUntilMs.get(key.pk) ?? 0;
    // What was noted further ahead was so by a clock that has been put back since.
    if (untilMs > nowMs && untilMs <= notedUntilMs) return;
    const set = { changesUntilMs: notedUntilMs + SKEW_MS };
    await this.#table.write({ update: key, set, add: { notes: 1 } });
    this.#notedUntilMs.set(key.pk, notedUntilMs);
  }

  /**
   * The changes so far. Where they were noted by a clock that has been put back since, there were some until now, from then on. Throws
   * `UnreadableRowError`.
   */
  async changes(tenant: string, product: string, nowMs: number): Promise<FleetChanges> {
    const key = fleetChangeKey(tenant, product);
    const [item] = await this.#table.get([key], { consistent: true });
    const untilMs = count('fleet-change.changesUntilMs', item?.changesUntilMs ?? 0);
    const notes = count('fleet-change.notes', item?.notes ?? 0);
    if (!isAhead(untilMs, nowMs + NOTED_AHEAD_MS + SKEW_MS)) return { untilMs, notes };
    const set = { changesUntilMs: nowMs };
    // Whoever notes a change meanwhile says more than that.
    const when = [{ attribute: 'changesUntilMs', is: '=', value: untilMs } as const];
    await savedOrStale(() => this.#table.write({ update: key, set, when }));
    return { untilMs: nowMs, notes };
  }
}
