import { AUTOMATIC } from '#shared/contracts/actor.ts';
import type { ReleaseWithdrawn } from '#shared/contracts/events/release-events.ts';
import type { Call } from '#shared/lambda/call.ts';
import { withdrawn } from '../../domain/release-states.ts';
import { type ChangeNeeds, changeRelease } from '../../steps/change-release.ts';

/** Ends the revocation that the orchestrator acknowledges; one that nobody asked for is counted and done with. */
export async function onReleaseWithdrawn(
  event: ReleaseWithdrawn,
  needs: ChangeNeeds,
  call: Call,
): Promise<void> {
  const { tenant, product, version } = event;
  const release = await needs.releases.find({ tenant, product, version });
  if (release === undefined || (release.state !== 'revoking' && release.state !== 'revoked')) {
    call.log.warn('a release was withdrawn that nobody revoked', { tenant, product, version });
    call.count('UnaskedWithdrawal');
    return;
  }
  await changeRelease(release, AUTOMATIC, withdrawn, needs);
}
