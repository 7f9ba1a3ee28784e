import type { Table } from '#shared/capabilities/table.ts';
import type { RolloutEvidence } from '../domain/advance/plan-advance.ts';
import type { Progress } from '../domain/advance/progress.ts';
import { type Approvals, approvalsOf } from '../domain/approval/approvals.ts';
import { digestOfDocument } from '../domain/document/print-document.ts';
import { ApprovalStore } from '../stores/approval-store.ts';
import { type Cohort, CohortStore } from '../stores/cohort-store.ts';
import { CounterStore } from '../stores/counter-store.ts';
import { type Gate, type GateLife, GateStore } from '../stores/gate-store.ts';
import { HearingStore } from '../stores/hearing-store.ts';
import { type KeptPreview, PreviewStore } from '../stores/preview-store.ts';
import { ProgressStore } from '../stores/progress-store.ts';
import { type RolloutIdentity, type RolloutRecord, RolloutStore } from '../stores/rollout-store.ts';

/** What a change of a rollout's state needs to know of it: nothing that was counted. */
export interface RolloutControl {
  readonly record: RolloutIdentity;
  readonly gate: GateLife;
  readonly evidence: { readonly progress: Pick<Progress, 'stage'> };
}

/** A rollout with everything that is stored of it, read consistently in the order that evidence needs. */
export interface WholeRollout extends RolloutControl {
  readonly record: RolloutRecord;
  readonly gate: Gate;
  readonly evidence: RolloutEvidence;
  readonly progressRevision: number;
  readonly cohorts: readonly Cohort[];
  readonly approvals: Approvals;
}

/** Reads whole rollouts. */
export class RolloutReader {
  readonly #rollouts: RolloutStore;
  readonly #counters: CounterStore;
  readonly #gates: GateStore;
  readonly #progress: ProgressStore;
  readonly #cohorts: CohortStore;
  readonly #approvals: ApprovalStore;
  readonly #hearing: HearingStore;
  readonly #previews: PreviewStore;

  constructor(table: Table) {
    this.#rollouts = new RolloutStore(table);
    this.#counters = new CounterStore(table);
    this.#gates = new GateStore(table);
    this.#progress = new ProgressStore(table);
    this.#cohorts = new CohortStore(table);
    this.#approvals = new ApprovalStore(table);
    this.#hearing = new HearingStore(table);
    this.#previews = new PreviewStore(table);
  }

  /**
   * All of a rollout, `undefined` when there is no such. Throws `UnreadableEvidenceError` when its counters cannot be read,
   * `UnreadableRowError` when anything else of it cannot.
   */
  async read(rollout: string): Promise<WholeRollout | undefined> {
    // Counters before the gate: an attempt is granted before it is counted, so that no count can exceed what was granted.
    const counters = await this.#counters.read(rollout);
    const [record, stored, fleet, away] = await Promise.all([
      this.#rollouts.read(rollout),
      this.#progress.read(rollout),
      this.#progress.fleet(rollout),
      this.#hearing.timesAway(),
    ]);
    // Progress before the gate: an epoch begins there before it is marked, so that no mark can be ahead of it. Cohorts after the gate:
    // each is named before the gate opens it.
    const gate = await this.#gates.read(rollout);
    const cohorts = await this.#cohorts.list(rollout);
    if (record === undefined || gate === undefined || stored === undefined) return undefined;
    const granted = new Map([...gate.cohorts].map(([cohort, { granted: count }]) => [cohort, count]));
    const evidence: RolloutEvidence = {
      document: record.document,
      gate: { epoch: gate.epoch, granted },
      ...(gate.holdOut && { holdOut: gate.holdOut }),
      ...(gate.resumedMs !== undefined && { resumedMs: gate.resumedMs }),
      counters,
      progress: stored.progress,
      fleet,
      away,
      unpooled: new Set(cohorts.filter(({ tag }) => tag !== undefined).map(({ number }) => number)),
    };
    const approvals = await this.#approvalsOf(record);
    return { record, gate, evidence, progressRevision: stored.revision, cohorts, approvals };
  }

  /** Read only where the document asks for some: all others should not pay for it. */
  async #approvalsOf({ rollout, document, createdBy }: RolloutRecord): Promise<Approvals> {
    const isAsked = (document.approvals ?? 0) > 0;
    const given = isAsked ? await this.#approvals.read(rollout, digestOfDocument(document)) : [];
    return approvalsOf(document, createdBy, given);
  }

  /** What is kept of whom a draft would reach; `undefined` as long as no count has come. */
  preview(rollout: string): Promise<KeptPreview | undefined> {
    return this.#previews.read(rollout);
  }

  /** The rollout as far as stopping it needs, where all else of it cannot be read; `undefined` when there is none. */
  async readControl(rollout: string): Promise<RolloutControl | undefined> {
    const [record, gate, open] = await Promise.all([
      this.#rollouts.identity(rollout),
      this.#gates.life(rollout),
      this.#progress.stage(rollout),
    ]);
    if (record === undefined || gate === undefined) return undefined;
    return { record, gate, evidence: { progress: { stage: open ?? gate.stage ?? 0 } } };
  }
}
