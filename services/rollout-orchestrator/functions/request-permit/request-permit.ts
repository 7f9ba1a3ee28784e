import type { Downloads } from '#shared/capabilities/bucket.ts';
import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import { answerDevice, type DeviceAnswer } from '#shared/lambda/answer-device.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { BatchOutcome } from '#shared/lambda/on-device-batch.ts';
import { type GrantingNeeds, grantPermits, type Told } from '../../steps/grant-permits.ts';
import { offeredRelease } from '../../steps/offered-release.ts';
import { tellUnreadable } from '../../steps/tell-unreadable.ts';
import { type Wake, wake, wakeNow } from '../../steps/wake.ts';
import type { ProgressStore } from '../../stores/progress-store.ts';
import { answerToCheck, answerToRequest } from './answers.ts';
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
  for (const one of told) {
    const { message } = one.candidate;
    call.concerns('permit', rolloutOf(one));
    const answer = await answerOf(one, needs.firmware, nowMs);
    if (answer !== undefined) await answerDevice(needs.link, message.thing, answer);
  }
  const permits = told.flatMap(newPermitOf);
  call.count('PermitGranted', permits.length);
  await wakeNow(needs.advance, [...permits.map(({ rollout }) => rollout), ...moved]);
  await wake(needs.silence, permits, nowMs);
  await noteUnserved(told, needs.progress, nowMs);
  const unsettled = told.filter(({ outcome }) => outcome.kind === 'unsettled');
  return { retry: unsettled.map(({ candidate }) => candidate.message) };
}

type ToldAsker = Told<AskingCandidate>;

/** The rollout that a device asks for, or would be served from; `undefined` where there is none for it. */
const rolloutOf = ({ candidate: { message }, served }: ToldAsker): string | undefined =>
  isRequest(message) ? message.body.rollout : served?.rollout;

/** What a device is told: who checked in gets its release along with the permit. */
async function answerOf(
  { candidate: { message }, outcome, served }: ToldAsker,
  firmware: Downloads,
  nowMs: number,
): Promise<DeviceAnswer | undefined> {
  const { nonce } = message.body;
  if (isRequest(message)) return answerToRequest(nonce, message.body.rollout, outcome, nowMs);
  const artifact = served?.artifactByHardware.get(message.body.hardware);
  if (served === undefined || artifact === undefined) return undefined;
  const { rollout, gate } = served;
  const release = () => offeredRelease(served, artifact, firmware, nowMs);
  return answerToCheck(nonce, outcome, { rollout, granted: gate.granted, release }, nowMs);
}

/** The rollout of a permit that was granted just now, and when its device is silent if nothing is heard of it. */
function newPermitOf({ outcome }: ToldAsker): Wake[] {
  if (outcome.kind !== 'granted' || !outcome.isNew) return [];
  const { rollout, attempt } = outcome;
  return [{ rollout, atMs: attempt.deadlineMs ?? attempt.permitEndMs }];
}

/** A rollout does not complete while members ask in vain. */
async function noteUnserved(
  told: readonly ToldAsker[],
  progress: ProgressStore,
  nowMs: number,
): Promise<void> {
  const waiting = told.filter(({ outcome }) => outcome.kind === 'wait');
  for (const rollout of new Set(waiting.flatMap((one) => rolloutOf(one) ?? []))) {
    await progress.unserved(rollout, await progress.fleet(rollout), nowMs);
  }
}
