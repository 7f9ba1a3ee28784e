import type { Call } from '#shared/lambda/call.ts';
import type { QueueMessage } from '#shared/lambda/on-queue.ts';
import { type AdvanceNeeds, advanceRollout } from '../../steps/advance-rollout.ts';
import { type RolloutDue, wake } from '../../steps/wake.ts';

/** Looks at a rollout that others keep changing so often before leaving it to the next message. */
const LOOKS = 5;
const AGAIN_MS = 1_000;

/** Looks at each rollout of the batch; at one that was changed by somebody else meanwhile, again. */
export async function advanceRollouts(
  messages: readonly QueueMessage<RolloutDue>[],
  needs: AdvanceNeeds,
  call: Call,
): Promise<undefined> {
  for (const rollout of new Set(messages.map(({ body }) => body.rollout))) {
    call.concerns('control', rollout);
    let isDone = false;
    for (let look = 0; look < LOOKS && !isDone; look += 1)
      isDone = await advanceRollout(rollout, needs, call);
    const nowMs = needs.clock.now();
    if (!isDone) await wake(needs.advance, [{ rollout, atMs: nowMs + AGAIN_MS }], nowMs);
  }
}
