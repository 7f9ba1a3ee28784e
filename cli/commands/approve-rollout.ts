import { approveRollout, findRollout, showRollout } from '../actions/rollouts.ts';
import { FailedError } from '../errors.ts';
import { approvalsText } from '../print/rollout.ts';
import { documentPreview } from '../print/rollout-preview.ts';
import { reachText } from '../print/rollout-reach.ts';
import { paragraphs } from '../print/table.ts';
import { agreement } from './agreement.ts';
import { warnBeforeLaunch } from './launch-warnings.ts';
import type { Session } from './session.ts';

/** Shows the whole document of a draft, asks, and approves exactly what was shown. */
export async function approve(session: Session, id: string, isSure: boolean): Promise<void> {
  const agree = agreement(session, isSure, 'approve');
  const client = await session.client();
  const draft = await showRollout(client, await findRollout(client, id));
  const { rollout } = draft;
  if (draft.approvals === undefined) {
    throw new FailedError(
      `rollout ${rollout} needs no approval`,
      'A document asks for approvals with the field "approvals".',
    );
  }
  session.note(paragraphs([documentPreview(draft), reachText(draft, session.io.world.now())]));
  await warnBeforeLaunch(session, client, draft);
  await agree(
    'approve it? [y/N] ',
    `rollout ${rollout} was not approved`,
    `Drop it (evenkeel rollout abort ${rollout}) where it must not go to any device.`,
  );
  const view = await approveRollout(client, draft);
  session.show(view, `approved ${rollout}: ${view.release}, ${approvalsText(view)}\n`);
  if (view.approvals?.missing === 0) session.note(`next: evenkeel rollout launch ${rollout}\n`);
}
