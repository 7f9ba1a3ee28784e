import * as z from 'zod';
import type { Queue } from '#shared/capabilities/queue.ts';
import { sendAll } from '#shared/capabilities/send-all.ts';
import { Ulid } from '#shared/contracts/names.ts';

/** Look at this rollout now: what the queues of advance-rollouts and find-silence carry. */
export const RolloutDue = z.object({ rollout: Ulid });
export type RolloutDue = z.infer<typeof RolloutDue>;

/** SQS delays a message by 15 minutes at the most; what is due later is found by the tick. */
const LONGEST_DELAY_SECONDS = 900;

/** When to look at which rollout, milliseconds since 1970. */
export interface Wake {
  readonly rollout: string;
  readonly atMs: number;
}

/** Asks for a look at each of these rollouts now. */
export const wakeNow = (queue: Queue, rollouts: readonly string[]): Promise<void> =>
  wake(
    queue,
    rollouts.map((rollout) => ({ rollout, atMs: 0 })),
    0,
  );

/** Sends one message per rollout and second of `wakes`, delayed until it is due; later ones are left to the tick. */
export async function wake(queue: Queue, wakes: readonly Wake[], nowMs: number): Promise<void> {
  const delays = new Map<string, { rollout: string; delaySeconds: number }>();
  for (const { rollout, atMs } of wakes) {
    const delaySeconds = Math.max(0, Math.ceil((atMs - nowMs) / 1000));
    if (delaySeconds <= LONGEST_DELAY_SECONDS)
      delays.set(`${rollout} ${delaySeconds}`, { rollout, delaySeconds });
  }
  if (delays.size === 0) return;
  const messages = [...delays.values()].map(({ rollout, delaySeconds }) => ({
    body: JSON.stringify({ rollout } satisfies RolloutDue),
    ...(delaySeconds > 0 && { delaySeconds }),
  }));
  await sendAll(queue, messages);
}
