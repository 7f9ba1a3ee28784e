import type { Clock } from '#shared/capabilities/clock.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { ConflictError, NotFoundError, WrongStateError } from '#shared/errors/errors.ts';
import { tryAgain } from '#shared/retry/try-again.ts';
import type { Progress } from '../domain/advance/progress.ts';
import { isUnreadable } from '../domain/halting/unreadable-evidence.ts';
import { changeRollout } from '../domain/lifecycle/change-rollout.ts';
import type { RolloutCommand, RolloutLife } from '../domain/lifecycle/commands.ts';
import type { ControlStore } from '../stores/control-store.ts';
import { previewView } from './preview-view.ts';
import type { RolloutControl, RolloutReader, WholeRollout } from './rollout-evidence.ts';
import { unreadableView, viewOf } from './rollout-view.ts';

/** Everything that controlling a rollout needs. */
export interface ControlNeeds {
  readonly reader: RolloutReader;
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** A command, and who gives it. */
export interface Order<Command extends RolloutCommand = RolloutCommand> {
  readonly command: Command;
  /** `operator:<name>` or `evenkeel`. */
  readonly actor: string;
  /** The progress that goes with it, where the open stage changes, and the number of the one that it takes the place of. */
  readonly progress?: { readonly next: Progress; readonly revision: number };
}

/** Where a rollout stands now. */
export function lifeOf({ gate, evidence }: Pick<RolloutControl, 'gate' | 'evidence'>): RolloutLife {
  const { state, stage = evidence.progress.stage, reason } = gate;
  return { state, stage, ...(reason !== undefined && { reason }) };
}

/** Reads a rollout of that tenant; throws `NotFoundError` for any other. */
export async function readOwn(reader: RolloutReader, tenant: string, rollout: string): Promise<WholeRollout> {
  const whole = await reader.read(rollout);
  if (whole?.record.tenant !== tenant) throw new NotFoundError('rollout', `no rollout ${rollout}`);
  return whole;
}

/**
 * Carries out a command. Throws `WrongStateError` or `RefusedError` when the rollout's state does not allow it,
 * `ConflictError` when somebody else changed it meanwhile.
 */
export async function controlRollout(
  rolloutNow: RolloutControl,
  { command, actor, progress }: Order,
  needs: ControlNeeds,
): Promise<void> {
  const before = lifeOf(rolloutNow);
  const { record, gate } = rolloutNow;
  const after = changeRollout(before, command, record.document?.stages.length ?? 0);
  const change = {
    record,
    before,
    gateStage: gate.stage,
    resumedMs: gate.resumedMs,
    after,
    command,
    actor,
    atMs: needs.clock.now(),
    id: needs.ids.next(),
    ...(progress && { progress }),
  };
  const isDone = await tryAgain(needs, () => needs.control.change(change));
  if (!isDone) throw new ConflictError(`rollout ${record.rollout} was changed by somebody else`);
}

/**
 * Reads, commands and shows a rollout for an operator, again from the start while somebody else is quicker. Throws `WrongStateError`
 * where its evidence cannot be read, because what it allows is not known then.
 */
export async function commandRollout(
  tenant: string,
  rollout: string,
  needs: Omit<ControlNeeds, 'control'>,
  command: (whole: WholeRollout) => Promise<void>,
): Promise<RolloutView> {
  await tryAgain(needs, async () => {
    try {
      await command(await readOwn(needs.reader, tenant, rollout));
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      const what = `its evidence cannot be read (${error.message}): it can be paused or aborted`;
      throw new WrongStateError('rollout', what);
    }
  });
  return showRollout(tenant, rollout, needs);
}

/** Pauses or aborts a rollout for an operator, whether or not its evidence can be read. */
export async function stopRollout(
  tenant: string,
  rollout: string,
  order: Order<Extract<RolloutCommand, { readonly kind: 'pause' | 'abort' }>>,
  needs: ControlNeeds,
): Promise<RolloutView> {
  await tryAgain(needs, async () =>
    controlRollout(await readOwnControl(needs.reader, tenant, rollout), order, needs),
  );
  return showRollout(tenant, rollout, needs);
}

/** A rollout of that tenant as people look at it, also where its evidence cannot be read. */
export async function showRollout(
  tenant: string,
  rollout: string,
  { reader, clock }: Pick<ControlNeeds, 'reader' | 'clock'>,
): Promise<RolloutView> {
  try {
    const whole = await readOwn(reader, tenant, rollout);
    const nowMs = clock.now();
    const view = viewOf(whole, nowMs);
    if (whole.gate.state !== 'draft') return view;
    return { ...view, preview: previewView(whole.record, await reader.preview(rollout), nowMs) };
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return unreadableView(await readOwnControl(reader, tenant, rollout), error.message);
  }
}

async function readOwnControl(
  reader: RolloutReader,
  tenant: string,
  rollout: string,
): Promise<RolloutControl> {
  const control = await reader.readControl(rollout);
  if (control?.record.tenant !== tenant) throw new NotFoundError('rollout', `no rollout ${rollout}`);
  return control;
}
