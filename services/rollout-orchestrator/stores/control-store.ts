import type { Condition, Item, PutWrite, Table, TransactWrite, Value } from '#shared/capabilities/table.ts';
import { RolloutChanged } from '#shared/contracts/events/rollout-events.ts';
import { outboxEntry } from '#shared/outbox/outbox.ts';
import type { Progress } from '../domain/advance/progress.ts';
import { keptHoldOut } from '../domain/holdout/hold-out.ts';
import type { Excuse, RolloutCommand, RolloutLife } from '../domain/lifecycle/commands.ts';
import { type RolloutAudit, recordChange } from '../domain/lifecycle/record-change.ts';
import { activeKey, auditKey, gateKey, rolloutPartition } from './keys.ts';
import { progressItem } from './progress-store.ts';
import { listingItem, type RolloutIdentity, type RolloutRecord, rolloutItem } from './rollout-store.ts';

/** A change of a rollout's state or stage, by whom and when. */
export interface ControlChange {
  readonly record: RolloutIdentity;
  readonly before: RolloutLife;
  /** The stage that the gate names, and must still name; `undefined` where it names none that can be read. */
  readonly gateStage: number | undefined;
  /** When it was last resumed; for a resume it must still be so. */
  readonly resumedMs: number | undefined;
  readonly after: RolloutLife;
  readonly command: RolloutCommand;
  /** `operator:<name>` or `evenkeel`. */
  readonly actor: string;
  readonly atMs: number;
  /** New for each change: token, audit id and event id. */
  readonly id: string;
  /** The progress that goes with it, where the open stage changes. */
  readonly progress?: { readonly next: Progress; readonly revision: number };
}

/** That an operator takes failures out of the evidence of a rollout, which stays as it is by that. */
export interface KeptExcuse {
  readonly record: RolloutIdentity;
  /** As what it must still be, and since when. */
  readonly life: RolloutLife;
  readonly resumedMs: number | undefined;
  readonly excuse: Excuse;
  readonly reason: string;
  /** `operator:<name>`. */
  readonly actor: string;
  readonly atMs: number;
  /** New for each: token and audit id. */
  readonly id: string;
}

/** A gate before launch: nothing is granted, and nothing may be. */
const DRAFT_GATE: Item = { state: 'draft', stage: 0, epoch: 1, plan: 0, granted: 0, ceiling: 0 };

/** Changes of rollouts: each in one transaction with its audit entry and its event, at most five writes at any fleet size. */
export class ControlStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Keeps a new draft. */
  async create(record: RolloutRecord, progress: Progress, id: string): Promise<void> {
    const { rollout, tenant, createdAtMs: atMs, createdBy: actor } = record;
    const audit = { id, atMs, actor, action: 'create', tenant, about: rollout };
    const absent: Condition[] = [{ attribute: 'pk', is: 'absent' }];
    await this.#table.transact(
      [
        { put: rolloutItem(record), when: absent },
        { put: { ...gateKey(record.rollout), ...DRAFT_GATE }, when: absent },
        { put: progressItem(record.rollout, progress, 1), when: absent },
        { put: listingItem(record), when: absent },
        { put: { ...auditKey(rollout, id), ...audit } },
      ],
      { token: id },
    );
  }

  /** Commits a change if the rollout still is as `before` says; `false` when somebody else was quicker. */
  async change(change: ControlChange): Promise<boolean> {
    const { record, before, after, command, id, progress } = change;
    const { rollout, tenant, product, version, document } = record;
    const release = `${product}/${version}`;
    const context = { ...change, tenant, rollout, release, stages: document?.stages ?? [] };
    const { audit, event } = recordChange(before, after, command, context);
    const writes: TransactWrite[] = [
      gateWrite(change),
      auditEntry(audit),
      outboxEntry(rolloutPartition(rollout), RolloutChanged, event),
    ];
    if (command.kind === 'launch') {
      writes.push({ put: { ...activeKey(tenant, product, rollout) } });
    }
    if (progress !== undefined) {
      const when: Condition[] = [{ attribute: 'revision', is: '=', value: progress.revision }];
      writes.push({ put: progressItem(rollout, progress.next, progress.revision + 1), when });
    }
    const { outcome } = await this.#table.transact(writes, { token: id });
    return outcome === 'written';
  }

  /**
   * Writes into the audit log that failures are excused, before any of them leaves the evidence: who is overtaken by another resume in
   * between, or cut off, has excused them all the same. `false` where the rollout is not as `life` says any more.
   */
  async excuse({ record, life, resumedMs, excuse, reason, actor, atMs, id }: KeptExcuse): Promise<boolean> {
    const { rollout, tenant } = record;
    const about = { tenant, about: rollout, before: life, after: life };
    const entry = auditEntry({ id, atMs, actor, action: 'excuse', reason, excuse, ...about });
    const isStill: Condition[] = [
      { attribute: 'state', is: '=', value: life.state },
      resumedAsRead(resumedMs),
    ];
    const { outcome } = await this.#table.transact([{ check: gateKey(rollout), when: isStill }, entry], {
      token: id,
    });
    return outcome === 'written';
  }
}

function gateWrite(change: ControlChange): TransactWrite {
  const { record, before, gateStage, after, command, atMs } = change;
  const { reason } = after;
  return {
    update: gateKey(record.rollout),
    set: {
      state: after.state,
      stage: after.stage,
      ...(reason !== undefined && { reason }),
      ...(command.kind === 'launch' && { launchedMs: atMs }),
      ...(command.kind === 'resume' && { resumedMs: atMs }),
      ...(command.kind === 'launch' && command.holdOut && keptHoldOut(command.holdOut)),
    },
    ...(reason === undefined && { remove: ['reason'] }),
    // The stage too: an abort that did not know of a stage that has just opened would tell a wrong one for ever. None opens where nobody
    // can read which one is.
    when: [
      { attribute: 'state', is: '=', value: before.state },
      ...(gateStage === undefined ? [] : [{ attribute: 'stage', is: '=', value: gateStage } as const]),
      ...(command.kind === 'resume' ? [resumedAsRead(change.resumedMs)] : []),
    ],
  };
}

/** That nobody has resumed it since: it would be in the same state, but for another reason and by other evidence. */
const resumedAsRead = (resumedMs: number | undefined): Condition =>
  resumedMs === undefined
    ? { attribute: 'resumedMs', is: 'absent' }
    : { attribute: 'resumedMs', is: '=', value: resumedMs };

function auditEntry(audit: RolloutAudit): PutWrite {
  const { id, about: rollout } = audit;
  // Plain data by its type.
  return { put: { ...auditKey(rollout, id), ...(audit as unknown as Record<string, Value>) } };
}
