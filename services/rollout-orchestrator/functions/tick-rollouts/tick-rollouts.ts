import type { Clock } from '#shared/capabilities/clock.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import { wake } from '../../steps/wake.ts';
import type { ActiveListStore } from '../../stores/active-list-store.ts';

interface Needs {
  readonly rollouts: ActiveListStore;
  readonly advance: Queue;
  readonly silence: Queue;
  readonly clock: Clock;
}

/**
 * Time is all that a tick adds: it sends one message per active rollout to those who decide. Neither of them waits for what the other
 * queue takes, or goes without because it takes nothing.
 */
export async function tickRollouts({ rollouts, advance, silence, clock }: Needs): Promise<void> {
  const nowMs = clock.now();
  const wakes = (await rollouts.active()).map(({ rollout }) => ({ rollout, atMs: nowMs }));
  const sending = [silence, advance].map((queue) => wake(queue, wakes, nowMs));
  for (const sent of await Promise.allSettled(sending)) if (sent.status === 'rejected') throw sent.reason;
}
