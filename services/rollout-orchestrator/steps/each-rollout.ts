import { faultOf } from '#shared/errors/fault-of.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { QueueMessage } from '#shared/lambda/on-queue.ts';
import type { RolloutDue } from './wake.ts';

/** What remains of the time-out when the rest is handed back: more than the tries of one call take. */
export const LEAVE_MS = 10_000;

/** The messages that must come again. */
export interface HandedBack {
  readonly retry: readonly QueueMessage<RolloutDue>[];
}

/**
 * Looks at each rollout of a batch once, one after the other, and each for itself: one that throws comes again alone, and so do
 * those for which no time is left. Throws when every look did: that is no rollout's own trouble, and must show as an error of the
 * function, which alarms and takes a deployment back.
 */
export async function eachRollout(
  messages: readonly QueueMessage<RolloutDue>[],
  call: Call,
  look: (rollout: string) => Promise<void>,
): Promise<HandedBack> {
  const byRollout = Map.groupBy(messages, ({ body }) => body.rollout);
  const retry: QueueMessage<RolloutDue>[] = [];
  const faults: Error[] = [];
  for (const [rollout, own] of byRollout) {
    if (call.remainingMs() < LEAVE_MS) {
      retry.push(...own);
      continue;
    }
    call.concerns('control', rollout);
    try {
      await look(rollout);
    } catch (error) {
      const fault = faultOf(error);
      call.log.error('a rollout could not be looked at', { rollout, error: fault });
      call.count('RolloutNotLookedAt');
      faults.push(fault);
      retry.push(...own);
    }
  }
  if (faults.length > 0 && faults.length === byRollout.size) throw faults[0];
  return { retry };
}
