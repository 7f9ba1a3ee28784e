import type { Clock } from '#shared/capabilities/clock.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { WrongStateError } from '#shared/errors/errors.ts';
import type { HttpRequest } from '#shared/lambda/on-http.ts';
import { commandRollout } from '../../steps/control-rollout.ts';
import { askForPreviewCount } from '../../steps/count-due.ts';
import { previewView, RATION } from '../../steps/preview-view.ts';
import type { RolloutReader } from '../../steps/rollout-evidence.ts';
import type { PreviewStore } from '../../stores/preview-store.ts';

interface Needs {
  readonly reader: RolloutReader;
  readonly previews: PreviewStore;
  readonly members: Queue;
  readonly clock: Clock;
  readonly ids: Ids;
}

/**
 * Has whom a draft would reach counted again, in the ration that new drafts are counted in. While a count is to be expected nothing is
 * asked for, so that a repeat spends nothing.
 */
export function countDraft(
  { caller, params }: HttpRequest<{ rollout: string }, unknown, undefined>,
  needs: Needs,
): Promise<RolloutView> {
  const { tenant } = caller;
  const { rollout } = params;
  return commandRollout(tenant, rollout, needs, async ({ record, gate }) => {
    if (gate.state !== 'draft')
      throw new WrongStateError('rollout', `cannot count again: it is ${gate.state} and no draft any more`);
    const nowMs = needs.clock.now();
    const kept = await needs.reader.preview(rollout);
    if (previewView(record, kept, nowMs).state === 'counting') return;
    const againMs = await needs.previews.take(tenant, nowMs);
    if (againMs !== undefined) {
      const when = new Date(againMs).toISOString();
      throw new WrongStateError(
        'rollout',
        `cannot count again before ${when}: too many drafts were counted; ${RATION}`,
      );
    }
    // Sent before it is noted: what is noted alone would seem to be counted, and nobody could ask meanwhile.
    await askForPreviewCount(needs.members, rollout, nowMs);
    await needs.previews.asked(rollout, nowMs);
  });
}
