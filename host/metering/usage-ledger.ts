import type { HostLog } from '#host/runtime/host-log.ts';
import type { Item, Key, Table } from '#shared/capabilities/table.ts';
import {
  addUsage,
  BILLED_UNITS,
  type BilledUnit,
  noUsage,
  type UsageCounts,
  usedUnits,
} from '#shared/metering/billed-unit.ts';
import type { UsageSink, UsageSubject } from '#shared/metering/instance-meter.ts';
import type { RolloutUsage, StepUsage, UsageReader } from '#shared/metering/usage-reader.ts';
import type { Cancel, World } from '#shared/world/world.ts';

/** Where metered usage is kept, and how often. */
export interface LedgerParts {
  /** The host's own table for it. */
  readonly table: Table;
  readonly world: Pick<World, 'after'>;
  readonly log: HostLog;
  /** What was counted is kept so often; a crash forgets at most this much of it. */
  readonly keepEverySeconds: number;
}

interface Counted {
  count: number;
  readonly counts: UsageCounts;
}

/** Steps, or functions, by name. */
type Page = Map<string, Counted>;

/** The page of what is about no rollout. */
const EVERYBODY = 'everybody';
/** Of a rollout's page: what everybody had used before its first step. */
const BEFORE = 'before.';

const keyOf = (page: string): Key => ({ pk: 'usage', sk: page });

/**
 * What was used of AWS, added up by rollout and step, and by function for what is about no rollout: one item a rollout, in which
 * sums grow, and one for everybody. Counted in memory and kept now and then.
 */
export class UsageLedger implements UsageSink, UsageReader {
  readonly #parts: LedgerParts;
  readonly #known = new Set<string>();
  #pages = new Map<string, Page>();
  #keeping: Promise<void> = Promise.resolve();
  #cancel: Cancel | undefined;
  #stopped = false;

  constructor(parts: LedgerParts) {
    this.#parts = parts;
  }

  add({ rollout = EVERYBODY, step }: UsageSubject, usage: UsageCounts, share: number, count: number): void {
    let page = this.#pages.get(rollout);
    if (page === undefined) {
      page = new Map();
      this.#pages.set(rollout, page);
    }
    let counted = page.get(step);
    if (counted === undefined) {
      counted = { count: 0, counts: noUsage() };
      page.set(step, counted);
    }
    counted.count += count;
    addUsage(counted.counts, usage, share);
    if (this.#stopped) return;
    const { world, keepEverySeconds } = this.#parts;
    this.#cancel ??= world.after(keepEverySeconds * 1000, () => this.#keepSoon());
  }

  async ofRollout(rollout: string): Promise<RolloutUsage | undefined> {
    await this.keep();
    const [own, everybody] = await this.#parts.table.get([keyOf(rollout), keyOf(EVERYBODY)], {
      consistent: true,
    });
    if (own === undefined) return undefined;
    return { steps: readPage(own), meanwhile: readPage(everybody ?? {}, own) };
  }

  /** Keeps what was counted for the last time. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.keep();
  }

  /** Keeps what was counted so far; resolves once that is durable. */
  keep(): Promise<void> {
    // One after the other: what is added must not be taken twice.
    this.#keeping = this.#keeping.catch(() => undefined).then(() => this.#keep());
    return this.#keeping;
  }

  #keepSoon(): void {
    this.#cancel = undefined;
    this.keep().catch((error: unknown) => this.#parts.log.error('usage could not be kept', error));
  }

  async #keep(): Promise<void> {
    const { table } = this.#parts;
    const pages = this.#pages;
    this.#pages = new Map();
    // Everybody's page first: a rollout that begins begins after what is on it.
    const everybody = pages.get(EVERYBODY);
    if (everybody !== undefined) await table.write({ update: keyOf(EVERYBODY), add: sumsOf(everybody) });
    for (const [rollout, page] of pages) {
      if (rollout === EVERYBODY) continue;
      await this.#begin(rollout);
      await table.write({ update: keyOf(rollout), add: sumsOf(page) });
    }
  }

  /** Makes a rollout's page, with everybody's sums as they are before its first step. */
  async #begin(rollout: string): Promise<void> {
    if (this.#known.has(rollout)) return;
    const { table } = this.#parts;
    const [everybody] = await table.get([keyOf(EVERYBODY)], { consistent: true });
    const { pk: _pk, sk: _sk, ...sums } = everybody ?? {};
    const before = Object.fromEntries(Object.entries(sums).map(([name, sum]) => [BEFORE + name, sum]));
    await table.write({
      put: { ...keyOf(rollout), ...before },
      when: [{ attribute: 'pk', is: 'absent' }],
    });
    this.#known.add(rollout);
  }
}

/** Attributes of a page: `<step>.<unit>` and `<step>.count`. */
function sumsOf(page: Page): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [step, { count, counts }] of page) {
    sums[`${step}.count`] = count;
    for (const [unit, amount] of Object.entries(usedUnits(counts))) sums[`${step}.${unit}`] = amount;
  }
  return sums;
}

/** Steps by name, less what stood there before (see `BEFORE`). */
function readPage(item: Item, less: Item = {}): Record<string, StepUsage> {
  const steps: Record<string, { count: number; usage: Partial<Record<BilledUnit, number>> }> = {};
  for (const [name, sum] of Object.entries(item)) {
    const [step = '', what = ''] = name.split('.');
    const unit = BILLED_UNITS.find((one) => one === what);
    if (unit === undefined && what !== 'count') continue;
    const amount = Number(sum) - Number(less[BEFORE + name] ?? 0);
    if (amount === 0) continue;
    steps[step] ??= { count: 0, usage: {} };
    if (unit === undefined) steps[step].count = amount;
    else steps[step].usage[unit] = amount;
  }
  return steps;
}
