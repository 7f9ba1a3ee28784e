import type { Downloads } from '#shared/capabilities/bucket.ts';
import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { BatchOutcome } from '#shared/lambda/on-device-batch.ts';
import { type GrantingNeeds, grantPermits, type Told } from '../../steps/grant-permits.ts';
import { offeredRelease } from '../../steps/offered-release.ts';
import { tellUnreadable } from '../../steps/tell-unreadable.ts';
import { wake } from '../../steps/wake.ts';
import type { ProgressStore } from '../../stores/progress-store.ts';
import { answerTo, answerToCheck, type Said, say } from './answers.ts';
import {
  type AskingCandidate,
  type AskMessage,
  candidateOf,
  type DeviceAsk,
  isRequest,
} from './device-ask.ts';

interface Needs extends GrantingNeeds {
  readonly progress: ProgressStore;
  readonly advance: Queue;
  readonly silence: Queue;
  readonly firmware: Downloads;
  readonly link: DeviceLink;
}

/** Answers a batch of requests. Only the last of several from one device is answered: it knows no other nonce any more. */
export async function requestPermit(
  messages: readonly AskMessage[],
  needs: Needs,
  call: Call,
): Promise<BatchOutcome<DeviceAsk>> {
  const latest = new Map(
    messages.toSorted((a, b) => a.atMs - b.atMs).map((message) => [message.thing, message]),
  );
  const { told, moved, unreadable } = await grantPermits([...latest.values()].map(candidateOf), needs, call);
  tellUnreadable(unreadable, call);
  const nowMs = needs.clock.now();
  const retry: AskMessage[] = [];
  for (const one of told) {
    const { message } = one.candidate;
    call.concerns('permit', rolloutOf(one));
    if (one.outcome.outcome === 'unsettled') retry.push(message);
    const said = await answer(one, needs.firmware, nowMs);
    if (said !== undefined) await say(needs.link, message, said);
  }
  const fresh = told.flatMap(({ outcome }) =>
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
  const waiting = told.filter(({ outcome }) => outcome.outcome === 'wait');
  await noteUnserved(
    waiting.flatMap((one) => rolloutOf(one) ?? []),
    needs.progress,
    nowMs,
  );
  return { retry };
}

/** The rollout that a device asks for, or would be served from; `undefined` where there is none for it. */
const rolloutOf = ({ candidate: { message }, served }: Told<AskingCandidate>): string | undefined =>
  isRequest(message) ? message.body.rollout : served?.rollout;

/** What a device is told: who checked in gets its release along with the permit. */
async function answer(
  { candidate: { message }, outcome, served }: Told<AskingCandidate>,
  firmware: Downloads,
  nowMs: number,
): Promise<Said | undefined> {
  const { nonce } = message.body;
  if (isRequest(message)) return answerTo(nonce, message.body.rollout, outcome, nowMs);
  const artifact = served?.artifactByHardware.get(message.body.hardware);
  if (served === undefined || artifact === undefined) return undefined;
  const { rollout, gate } = served;
  const release = () => offeredRelease(served, artifact, firmware, nowMs);
  return answerToCheck(nonce, outcome, { rollout, granted: gate.granted, release }, nowMs);
}

/** A rollout does not complete while members ask in vain. */
async function noteUnserved(
  waiting: readonly string[],
  progress: ProgressStore,
  nowMs: number,
): Promise<void> {
  for (const rollout of new Set(waiting)) {
    await progress.unserved(rollout, await progress.fleet(rollout), nowMs);
  }
}
