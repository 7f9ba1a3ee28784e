import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import type { PermitRequest } from '#shared/contracts/device/permit.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { BatchOutcome } from '#shared/lambda/on-device-batch.ts';
import { type GrantingNeeds, grantPermits } from '../../steps/grant-permits.ts';
import type { Candidate } from '../../steps/permit-candidates.ts';
import { wake } from '../../steps/wake.ts';
import type { DeviceStore } from '../../stores/device-store.ts';
import type { ProgressStore } from '../../stores/progress-store.ts';
import { granted, type PermitMessage, say, wait, withdrawn } from './answers.ts';

interface Needs extends GrantingNeeds {
  readonly devices: DeviceStore;
  readonly progress: ProgressStore;
  readonly advance: Queue;
  readonly silence: Queue;
  readonly link: DeviceLink;
}

/** Answers a batch of requests. Only the last of several from one device is answered: it knows no other nonce any more. */
export async function requestPermit(
  messages: readonly PermitMessage[],
  needs: Needs,
  call: Call,
): Promise<BatchOutcome<PermitRequest>> {
  const latest = new Map(
    messages.toSorted((a, b) => a.atMs - b.atMs).map((message) => [message.thing, message]),
  );
  const asked = [...latest.values()];
  for (const { body } of asked) call.concerns('permit', body.rollout);
  const { outcomes, moved } = await grantPermits(asked.map(candidateOf), needs);
  const nowMs = needs.clock.now();
  const retry: PermitMessage[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    // One outcome for each candidate, in the same order.
    const message = asked[index] as PermitMessage;
    switch (outcome.outcome) {
      case 'granted':
        await say(needs.link, message, granted(message, outcome.attempt, nowMs));
        break;
      case 'wait':
        await say(needs.link, message, wait(message, outcome.retryAfterSeconds));
        break;
      case 'withdrawn':
        await say(needs.link, message, withdrawn(message, outcome.why));
        break;
      case 'unsettled':
        retry.push(message);
    }
  }
  const fresh = outcomes.flatMap((outcome) =>
    outcome.outcome === 'granted' && outcome.isNew ? [outcome] : [],
  );
  call.count('PermitGranted', fresh.length);
  await wake(
    needs.advance,
    [...fresh.map(({ rollout }) => rollout), ...moved].map((rollout) => ({ rollout, atMs: nowMs })),
    nowMs,
  );
  await wake(
    needs.silence,
    fresh.map(({ rollout, attempt }) => ({ rollout, atMs: attempt.deadlineMs ?? attempt.permitEndMs })),
    nowMs,
  );
  await noteUnserved(asked, outcomes, needs, nowMs);
  return { retry };
}

const candidateOf = ({ tenant, deviceId, atMs, body }: PermitMessage): Candidate => ({
  tenant,
  deviceId,
  question: { rollout: body.rollout, release: body.release },
  says: { hardware: body.hardware, version: body.from },
  bootId: body.bootId,
  atMs,
  ...(body.begins !== undefined && { begins: body.begins }),
});

/** A rollout does not complete while members ask in vain. */
async function noteUnserved(
  asked: readonly PermitMessage[],
  outcomes: readonly { readonly outcome: string }[],
  { progress }: Needs,
  nowMs: number,
): Promise<void> {
  const waiting = asked.filter((_, index) => outcomes[index]?.outcome === 'wait');
  for (const rollout of new Set(waiting.map(({ body }) => body.rollout))) {
    await progress.unserved(rollout, await progress.fleet(rollout), nowMs);
  }
}
