import type { Table } from '#shared/capabilities/table.ts';
import { isRecent } from '../domain/clock/ahead.ts';
import {
  type ActiveRollout,
  inPriorityOrder,
  type PreparedRollout,
  prepareRollout,
} from '../domain/decision/active-rollout.ts';
import { ActiveListStore } from '../stores/active-list-store.ts';
import { eventually } from '../stores/eventually.ts';
import { type Gate, GateStore } from '../stores/gate-store.ts';
import { ProgressStore } from '../stores/progress-store.ts';
import { type ReleaseRecord, ReleaseStore } from '../stores/release-store.ts';
import { type RolloutRecord, RolloutStore } from '../stores/rollout-store.ts';
import { pausedInstead, type RolloutParts } from './paused-instead.ts';

/** A rollout that a device may be served from, with what an offer and a permit need of it. */
export interface ServedRollout extends PreparedRollout {
  readonly record: RolloutRecord;
  readonly gate: Gate;
  readonly releaseFacts: ReleaseRecord;
}

/**
 * No offer is decided on state older than 5 s (invariant 8): two seconds that a list is kept, one that an eventual read may be
 * behind, and the way.
 */
const RECENT_MS = 2_000;
/** Lists of so many products are kept; beyond that all are read again. */
const KEPT_PRODUCTS = 1_000;

/** The rollouts that are active for a product, in the order in which devices are offered them. */
export class ActiveRollouts {
  readonly #committed: Stores;
  readonly #cheap: Stores;
  readonly #recent = new Map<
    string,
    { readonly readMs: number; readonly served: Promise<ServedRollout[]> }
  >();

  constructor(table: Table) {
    this.#committed = storesOf(table);
    this.#cheap = storesOf(eventually(table));
  }

  /** As they were at most two seconds ago: for checks, of which an idle one should read nothing but its device. */
  recent(tenant: string, product: string, nowMs: number): Promise<ServedRollout[]> {
    const key = `${tenant}#${product}`;
    const known = this.#recent.get(key);
    if (known !== undefined && isRecent(known.readMs, nowMs, RECENT_MS)) return known.served;
    if (this.#recent.size >= KEPT_PRODUCTS) this.#recent.clear();
    const served = readActive(tenant, product, this.#cheap);
    this.#recent.set(key, { readMs: nowMs, served });
    // A read that failed must not be answered with again.
    served.catch(() => this.#recent.delete(key));
    return served;
  }

  /** As they are committed now: for permits. */
  read(tenant: string, product: string): Promise<ServedRollout[]> {
    return readActive(tenant, product, this.#committed);
  }
}

/** The stores that a rollout is put together from. */
interface Stores {
  readonly listed: ActiveListStore;
  readonly rollouts: RolloutStore;
  readonly gates: GateStore;
  readonly progress: ProgressStore;
  readonly releases: ReleaseStore;
}

const storesOf = (table: Table): Stores => ({
  listed: new ActiveListStore(table),
  rollouts: new RolloutStore(table),
  gates: new GateStore(table),
  progress: new ProgressStore(table),
  releases: new ReleaseStore(table),
});

async function readActive(tenant: string, product: string, stores: Stores): Promise<ServedRollout[]> {
  const found = await stores.listed.active({ tenant, product });
  const served = await Promise.all(found.map(({ rollout }) => load(rollout, stores)));
  return inPriorityOrder(served.filter((one) => one !== undefined));
}

async function load(rollout: string, stores: Stores): Promise<ServedRollout | undefined> {
  const { record, gate, progress, fleet } = await readParts(rollout, stores).catch((error) =>
    pausedInstead(error, rollout, stores),
  );
  if (record === undefined || gate === undefined || progress === undefined) return undefined;
  const release = await stores.releases.read(record.tenant, record.product, record.version);
  if (release === undefined) return undefined;
  // An eventual read of the release may be behind: a gate that runs says what it was launched with.
  const holdOut = release.holdOut ?? gate.holdOut;
  const facts: ActiveRollout = {
    rollout,
    tenant: record.tenant,
    product: record.product,
    state: gate.state,
    ...(gate.reason !== undefined && { reason: gate.reason }),
    launchedMs: gate.launchedMs ?? record.createdAtMs,
    document: record.document,
    release: {
      name: record.document.release,
      version: release.version,
      sequence: release.sequence,
      published: !release.revoked,
      artifacts: release.artifacts,
      ...(release.fromMin !== undefined && { fromMin: release.fromMin }),
    },
    stage: progress.stage,
    members: fleet.members ?? 0,
    offeredUpTo: progress.cursor.upTo,
    stageFull: progress.stageFull,
    ...(holdOut && { holdOut }),
  };
  return { ...prepareRollout(facts), record, gate, releaseFacts: release };
}

async function readParts(rollout: string, { rollouts, gates, progress }: Stores): Promise<RolloutParts> {
  const [record, gate, stored, fleet] = await Promise.all([
    rollouts.read(rollout),
    gates.read(rollout),
    progress.read(rollout),
    progress.fleet(rollout),
  ]);
  return { record, gate, progress: stored?.progress, fleet };
}
