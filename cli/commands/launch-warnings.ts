import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { otherRollouts, withdrawnKeyOf } from '../actions/signed-releases.ts';
import type { ApiClient } from '../api-client.ts';
import { plain } from '../print/plain.ts';
import { moment } from '../print/units.ts';
import type { Session } from './session.ts';

/**
 * Says before a yes what nobody can see in the document: that the key which has signed the release was withdrawn, and that somebody
 * rolls it out already.
 */
export async function warnBeforeLaunch(
  session: Session,
  client: ApiClient,
  draft: Pick<RolloutView, 'rollout' | 'release'>,
): Promise<void> {
  if (session.json) return;
  const { release } = draft;
  const [key, others] = await Promise.all([withdrawnKeyOf(client, release), otherRollouts(client, draft)]);
  if (key?.withdrawn !== undefined) {
    const { atMs, reason } = key.withdrawn;
    session.note(
      `warning: ${release} is signed with the key ${key.name}, which was withdrawn ${moment(atMs)}: ${plain(reason)}\n`,
    );
  }
  for (const { rollout, state } of others) {
    session.note(`warning: there is a rollout of ${release} already: ${rollout} (${state})\n`);
  }
}
