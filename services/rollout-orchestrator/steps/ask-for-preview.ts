import type { Clock } from '#shared/capabilities/clock.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import { ConflictError, ThrottledError, UnknownOutcomeError } from '#shared/errors/errors.ts';
import type { Call } from '#shared/lambda/call.ts';
import { tryAgain } from '#shared/retry/try-again.ts';
import type { PreviewStore } from '../stores/preview-store.ts';
import type { RolloutRecord } from '../stores/rollout-store.ts';
import { askForPreviewCount } from './count-due.ts';

interface Needs {
  readonly previews: PreviewStore;
  readonly members: Queue;
  readonly clock: Clock;
  readonly ids: Ids;
}

/**
 * Asks once for a count of whom a draft would reach, where the tenant has not asked for too many. The draft has been kept by then, and
 * whoever made it must not be told otherwise: what does not pass costs the preview alone.
 */
export async function askForPreview(
  { rollout, tenant }: Pick<RolloutRecord, 'rollout' | 'tenant'>,
  needs: Needs,
  call: Pick<Call, 'log'>,
): Promise<void> {
  try {
    const nowMs = needs.clock.now();
    const againMs = await tryAgain(needs, () => needs.previews.take(tenant, nowMs));
    if (againMs === undefined) await askForPreviewCount(needs.members, rollout, nowMs);
    else await needs.previews.leaveOut(rollout);
  } catch (error) {
    if (!mayPass(error)) throw error;
    call.log.warn('a draft is not counted', { rollout, error });
  }
}

const mayPass = (error: unknown): error is Error =>
  error instanceof ThrottledError || error instanceof UnknownOutcomeError || error instanceof ConflictError;
