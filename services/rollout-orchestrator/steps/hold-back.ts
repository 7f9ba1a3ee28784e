import { ConflictError, WrongStateError } from '#shared/errors/errors.ts';
import { printPercent } from '../domain/document/percent.ts';
import type { HoldOut } from '../domain/holdout/hold-out.ts';
import type { ActiveListStore } from '../stores/active-list-store.ts';
import type { HoldOutStore } from '../stores/hold-out-store.ts';
import type { ReleaseRecord } from '../stores/release-store.ts';
import type { RolloutRecord, RolloutStore } from '../stores/rollout-store.ts';

interface Needs {
  readonly holdOuts: HoldOutStore;
  readonly rollouts: RolloutStore;
  readonly listed: ActiveListStore;
}

/**
 * The hold-out that binds a rollout which is launched at `nowMs`: that of its release, which gets it from its first rollout. Throws
 * `WrongStateError` where it is too late for one.
 *
 * It is written before the rollouts that run are looked at, and every permit reads it after its rollout was launched: of two launches
 * at once either this one sees the other, or the other's permits see the hold-out.
 */
export async function holdBack(
  record: RolloutRecord,
  release: ReleaseRecord,
  nowMs: number,
  needs: Needs,
): Promise<HoldOut | undefined> {
  const { document, rollout } = record;
  if (document.holdOut === undefined) return release.holdOut;
  refuseSecondHoldOut(release, rollout);
  await refuseWhileServed(record, needs);
  const { share, forMs } = document.holdOut;
  const holdOut = { share, untilMs: Math.max(nowMs, document.startMs ?? 0) + forMs };
  const isHeld = await needs.holdOuts.holdBack(release, { ...holdOut, rollout }, release.holdOut);
  if (!isHeld) throw new ConflictError(`release ${document.release} was given a hold-out meanwhile`);
  await refuseWhileServed(record, needs);
  return holdOut;
}

/** Throws `WrongStateError` where the release has the hold-out of another rollout: one release, one hold-out. */
export function refuseSecondHoldOut({ holdOut, product, version }: ReleaseRecord, rollout?: string): void {
  if (holdOut === undefined || holdOut.rollout === rollout) return;
  const until = new Date(holdOut.untilMs).toISOString();
  const has = `${product}/${version} has one of ${printPercent(holdOut.share)} until ${until}, which binds all of its rollouts`;
  throw new WrongStateError('holdOut', `must be left out: ${has}`);
}

async function refuseWhileServed(
  { tenant, product, version, rollout }: RolloutRecord,
  { rollouts, listed }: Needs,
): Promise<void> {
  const found = await listed.active({ tenant, product });
  const records = await Promise.all(found.map((one) => rollouts.identity(one.rollout)));
  const other = records.find((one) => one?.version === version && one.rollout !== rollout);
  if (other === undefined) return;
  const serves = `rollout ${other.rollout} of the same release was launched without one and is not over`;
  throw new WrongStateError('holdOut', `cannot begin: ${serves}`);
}
