import type { Call } from '#shared/lambda/call.ts';
import type { QueueMessage } from '#shared/lambda/on-queue.ts';
import { type AdvanceNeeds, advanceRollout } from '../../steps/advance-rollout.ts';
import type { RolloutDue } from '../../steps/wake.ts';

/** Looks at each rollout of the batch once. One that was changed by somebody else meanwhile comes again. */
export async function advanceRollouts(
  messages: readonly QueueMessage<RolloutDue>[],
  needs: AdvanceNeeds,
  call: Call,
): Promise<{ readonly retry: readonly QueueMessage<RolloutDue>[] }> {
  const retry: QueueMessage<RolloutDue>[] = [];
  for (const [rollout, own] of Map.groupBy(messages, ({ body }) => body.rollout)) {
    const isDone = await advanceRollout(rollout, needs, call);
    if (!isDone) retry.push(...own.slice(0, 1));
  }
  return { retry };
}
