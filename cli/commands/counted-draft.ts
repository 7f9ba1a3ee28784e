import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { awaitPreview, PREVIEW_PATIENCE_MS } from '../actions/await-preview.ts';
import type { ApiClient } from '../api-client.ts';
import { LiveText } from '../print/live-text.ts';
import { duration } from '../print/units.ts';
import type { Session } from './session.ts';

/** A count that takes no longer needs no word. */
const QUIET_MS = 500;

/** A draft with the count of whom it would reach, or without where that does not come within a few seconds; says that it waits. */
export async function countedDraft(
  session: Session,
  client: ApiClient,
  draft: RolloutView,
): Promise<RolloutView> {
  const { io, json } = session;
  const live = !json && io.errIsTerminal ? new LiveText(io.err, io.size) : undefined;
  let isTold = false;
  const counted = await awaitPreview(client, draft, (waitedMs) => {
    if (waitedMs < QUIET_MS) return;
    const text = 'counting whom it would reach';
    if (live !== undefined)
      live.draw(`${text}: ${duration(waitedMs)} of at most ${duration(PREVIEW_PATIENCE_MS)}`);
    else if (!isTold) session.note(`${text} ...\n`);
    isTold = true;
  });
  if (isTold) live?.draw('');
  if (isTold && counted.preview?.state === 'counting') {
    session.note(
      `no count within ${duration(PREVIEW_PATIENCE_MS)}; it goes on: evenkeel rollout show ${draft.rollout}\n`,
    );
  }
  return counted;
}
