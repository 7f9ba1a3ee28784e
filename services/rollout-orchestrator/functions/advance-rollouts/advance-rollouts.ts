import { ConflictError } from '#shared/errors/errors.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { QueueMessage } from '#shared/lambda/on-queue.ts';
import { type AdvanceNeeds, advanceRollout } from '../../steps/advance-rollout.ts';
import { eachRollout, type HandedBack, LEAVE_MS } from '../../steps/each-rollout.ts';
import type { LookEnd } from '../../steps/look.ts';
import { type RolloutDue, wake } from '../../steps/wake.ts';

/** Looks at a rollout that others keep changing so often before leaving it to the next message. */
const LOOKS = 5;
const AGAIN_MS = 1_000;

/** Looks at each rollout of the batch; at one that was changed by somebody else meanwhile, again. */
export function advanceRollouts(
  messages: readonly QueueMessage<RolloutDue>[],
  needs: AdvanceNeeds,
  call: Call,
): Promise<HandedBack> {
  return eachRollout(messages, call, async (rollout) => {
    let end = await look(rollout, needs, call);
    for (let looks = 1; looks < LOOKS && end === 'overtaken' && call.remainingMs() > LEAVE_MS; looks += 1)
      end = await look(rollout, needs, call);
    const nowMs = needs.clock.now();
    if (end === 'overtaken') await wake(needs.advance, [{ rollout, atMs: nowMs + AGAIN_MS }], nowMs);
  });
}

/** Whoever was quicker with one of its items, before a step or in the middle of it, has overtaken the look. */
async function look(rollout: string, needs: AdvanceNeeds, call: Call): Promise<LookEnd> {
  try {
    return await advanceRollout(rollout, needs, call);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    return 'overtaken';
  }
}
