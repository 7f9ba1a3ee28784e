import type { RolloutChanged } from '#shared/contracts/events/rollout-events.ts';
import type { Stage } from '../document/rollout-document.ts';
import type { CommandKind, Excuse, RolloutCommand, RolloutLife } from './commands.ts';

/** Longest reason and actor that the event's contract takes. */
const MAX_REASON_LENGTH = 1000;
const MAX_ACTOR_LENGTH = 64;

/** Of which rollout a change is, who made it and when. */
export interface ChangeContext {
  /** New for each change: id of its audit entry and of its event. */
  readonly id: string;
  readonly atMs: number;
  /** `operator(name)` or `AUTOMATIC`. */
  readonly actor: string;
  readonly tenant: string;
  readonly rollout: string;
  readonly release: string;
  readonly stages: readonly Stage[];
}

/** One entry of the audit log, before it is sealed. */
export interface RolloutAudit {
  readonly id: string;
  readonly atMs: number;
  readonly actor: string;
  /** Excusing is a decision of its own, about the evidence alone. */
  readonly action: CommandKind | 'excuse';
  readonly tenant: string;
  /** The rollout's id. */
  readonly about: string;
  readonly reason?: string;
  readonly excuse?: Excuse;
  readonly before: RolloutLife;
  readonly after: RolloutLife;
}

/** What the bus calls each change. */
const CHANGES: Readonly<Record<CommandKind, RolloutChanged['change']>> = {
  launch: 'launched',
  pause: 'paused',
  resume: 'resumed',
  halt: 'halted',
  abort: 'aborted',
  'open-stage': 'stage-opened',
  complete: 'completed',
};

/** The audit entry and the event that belong into the same transaction as the change from `before` to `after`. */
export function recordChange(
  before: RolloutLife,
  after: RolloutLife,
  command: RolloutCommand,
  context: ChangeContext,
): { readonly audit: RolloutAudit; readonly event: RolloutChanged } {
  const { id, atMs, actor, tenant, rollout } = context;
  const reason = command.kind === 'launch' ? undefined : command.reason;
  const excuse = command.kind === 'resume' ? command.excuse : undefined;
  return {
    audit: {
      id,
      atMs,
      actor,
      action: command.kind,
      tenant,
      about: rollout,
      ...(reason === undefined ? {} : { reason }),
      ...(excuse === undefined ? {} : { excuse }),
      before,
      after,
    },
    event: eventOf(CHANGES[command.kind], { ...after, reason: reason ?? '' }, context),
  };
}

/** The event that a rollout has stalled, and why: nothing of it changes, nobody has decided anything. */
export const recordStall = (
  life: RolloutLife & { readonly reason: string },
  context: ChangeContext,
): RolloutChanged => eventOf('stalled', life, context);

function eventOf(
  change: RolloutChanged['change'],
  { state, stage, reason }: RolloutLife & { readonly reason: string },
  { id, atMs, actor, tenant, rollout, release, stages }: ChangeContext,
): RolloutChanged {
  return {
    id,
    v: 1,
    tenant,
    atMs,
    rollout,
    release,
    change,
    state,
    stage: stages[stage]?.name ?? '',
    actor: actor.slice(0, MAX_ACTOR_LENGTH),
    reason: reason.slice(0, MAX_REASON_LENGTH),
  };
}
