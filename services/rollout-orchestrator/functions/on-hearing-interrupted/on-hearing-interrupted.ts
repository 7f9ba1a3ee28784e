import type { HearingInterrupted } from '#shared/contracts/events/hearing-interrupted.ts';
import type { ControlNeeds } from '../../steps/control-rollout.ts';
import { pauseAll } from '../../steps/pause-all.ts';
import type { ActiveListStore } from '../../stores/active-list-store.ts';
import type { HearingStore } from '../../stores/hearing-store.ts';

interface Needs extends ControlNeeds {
  readonly hearing: HearingStore;
  readonly rollouts: ActiveListStore;
}

/**
 * Notes since when devices can be heard again, and how long they could not. In a backup that was restored, rollouts that ran may have been
 * halted or revoked since, and their failures forgotten: all are paused, until somebody who knows resumes them.
 */
export async function onHearingInterrupted(
  { fromMs, untilMs, restoredFromMs }: Pick<HearingInterrupted, 'fromMs' | 'untilMs' | 'restoredFromMs'>,
  { hearing, ...needs }: Needs,
): Promise<void> {
  await hearing.interrupted(untilMs);
  await hearing.away({ fromMs, untilMs }, needs.clock.now());
  if (restoredFromMs === undefined) return;
  const reason = `restored from a backup of ${new Date(restoredFromMs).toISOString()}: what happened since is not known`;
  await pauseAll(reason, needs);
}
