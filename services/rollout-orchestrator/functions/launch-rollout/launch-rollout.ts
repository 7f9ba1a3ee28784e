import type { Queue } from '#shared/capabilities/queue.ts';
import { operator } from '#shared/contracts/actor.ts';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { WrongStateError } from '#shared/errors/errors.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import { firstProgress } from '../../domain/advance/progress.ts';
import { changeRollout } from '../../domain/lifecycle/change-rollout.ts';
import { abortRevoked } from '../../steps/abort-revoked.ts';
import { type ControlNeeds, commandRollout, controlRollout, lifeOf } from '../../steps/control-rollout.ts';
import { askForCount } from '../../steps/count-due.ts';
import { holdBack } from '../../steps/hold-back.ts';
import type { ActiveListStore } from '../../stores/active-list-store.ts';
import type { HoldOutStore } from '../../stores/hold-out-store.ts';
import type { ReleaseRecord, ReleaseStore } from '../../stores/release-store.ts';
import type { RolloutRecord, RolloutStore } from '../../stores/rollout-store.ts';

interface Needs extends ControlNeeds {
  readonly releases: ReleaseStore;
  readonly holdOuts: HoldOutStore;
  readonly rollouts: RolloutStore;
  readonly listed: ActiveListStore;
  readonly members: Queue;
}

/**
 * Rollouts of one tenant that may be active at once. Each is looked at twice a minute until it is over, also while it is paused or
 * halted: without a bound one tenant could keep all others waiting.
 */
const MOST_ACTIVE = 200;

/** Launches a draft whose release is published; permits begin once its members have been counted. */
export function launchRollout(
  { caller, params }: HttpRequest<{ rollout: string }, unknown, undefined>,
  needs: Needs,
  call: Call,
): Promise<RolloutView> {
  call.concerns('control', params.rollout);
  return commandRollout(caller.tenant, params.rollout, needs, async (whole) => {
    const { tenant, product, version, rollout } = whole.record;
    const release = await needs.releases.read(tenant, product, version);
    if (release === undefined)
      throw new WrongStateError('release', `${product}/${version} must be published first`);
    if (release.revoked) throw revokedError(release);
    const launch = { kind: 'launch', approvalsMissing: whole.approvals.missing } as const;
    // Nothing is held back for a launch that is out of place.
    changeRollout(lifeOf(whole), launch, whole.record.document.stages.length);
    await refuseTooMany(tenant, needs.listed);
    const nowMs = needs.clock.now();
    const holdOut = await holdBack(whole.record, release, nowMs, needs);
    const next = firstProgress(nowMs);
    const progress = { next, revision: whole.progressRevision };
    const command = { ...launch, ...(holdOut && { holdOut }) };
    await controlRollout(whole, { command, actor: operator(caller.name), progress }, needs);
    await refuseRevokedMeanwhile(whole.record, needs);
    await askForCount(needs.members, rollout, next.stage);
  });
}

/** Whoever revoked the release meanwhile may have looked for its rollouts before this one was among them. */
async function refuseRevokedMeanwhile(
  { tenant, product, version, rollout }: RolloutRecord,
  needs: Needs,
): Promise<void> {
  const release = await needs.releases.read(tenant, product, version);
  if (release?.revoked !== true) return;
  await abortRevoked(rollout, version, 'release revoked while it was launched', needs);
  throw revokedError(release);
}

const revokedError = ({ product, version }: Pick<ReleaseRecord, 'product' | 'version'>): WrongStateError =>
  new WrongStateError('release', `${product}/${version} has been revoked`);

async function refuseTooMany(tenant: string, listed: ActiveListStore): Promise<void> {
  if ((await listed.countActive(tenant, MOST_ACTIVE)) < MOST_ACTIVE) return;
  throw new WrongStateError(
    'rollout',
    `at most ${MOST_ACTIVE} rollouts of a tenant may be active: abort those that are paused or halted and not needed any more`,
  );
}
