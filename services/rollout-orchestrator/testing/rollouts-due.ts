import type { TestHost } from '#host/testing/test-host.ts';

/** A delivery of one message for each of these rollouts, as from the queues of looks; a message has the rollout's name. */
export const rolloutsDue = (host: TestHost, rollouts: readonly string[]) => ({
  Records: rollouts.map((rollout) => ({
    messageId: rollout,
    body: JSON.stringify({ rollout }),
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: `${host.world.now()}` },
  })),
});
