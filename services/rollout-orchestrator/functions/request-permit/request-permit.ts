import type { Downloads } from '#shared/capabilities/bucket.ts';
import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import { faultOf } from '#shared/errors/fault-of.ts';
import { answerDevice, type DeviceAnswer } from '#shared/lambda/answer-device.ts';
import type { Call } from '#shared/lambda/call.ts';
import type { BatchOutcome } from '#shared/lambda/on-device-batch.ts';
import { hasTimeIn } from '#shared/retry/try-again.ts';
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

/**
 * Answers a batch of requests. Only the last of several from one device is answered: it knows no other nonce any more. Throws where none
 * was settled and told, and something went wrong: that is no rollout's or device's own trouble, and must show as an error of the function,
 * which alarms and takes a deployment back.
 */
export async function requestPermit(
  messages: readonly AskMessage[],
  needs: Needs,
  call: Call,
): Promise<BatchOutcome<DeviceAsk>> {
  const latest = new Map(
    messages.toSorted((a, b) => a.atMs - b.atMs).map((message) => [message.thing, message]),
  );
  const candidates = [...latest.values()].map(candidateOf);
  const { told, moved, unreadable, faults } = await grantPermits(candidates, needs, call);
  tellUnreadable(unreadable, call);
  const nowMs = needs.clock.now();
  const unanswered = await answerAll(told, needs, nowMs, call);
  const permits = told.flatMap(newPermitOf);
  call.count('PermitGranted', permits.length);
  await wakeNow(needs.advance, [...permits.map(({ rollout }) => rollout), ...moved]);
  await wake(needs.silence, permits, nowMs);
  await noteUnserved(told, needs.progress, nowMs);
  const again = told.filter((one) => one.outcome.kind === 'unsettled' || unanswered.askers.has(one));
  const fault = faults[0] ?? unanswered.fault;
  if (fault !== undefined && again.length === told.length) throw fault;
  return { retry: again.map(({ candidate }) => candidate.message) };
}

type ToldAsker = Told<AskingCandidate>;

/** Who could not be told, and why the first of them could not. */
interface Unanswered {
  readonly askers: ReadonlySet<ToldAsker>;
  readonly fault?: Error;
}

/**
 * Answers each for itself, as long as there is time: what keeps one of them from hearing its answer, a throttle for example, is no
 * reason to withhold those of the others. Devices take no answer that is late.
 */
async function answerAll(
  told: readonly ToldAsker[],
  { firmware, link }: Needs,
  nowMs: number,
  call: Call,
): Promise<Unanswered> {
  const askers = new Set<ToldAsker>();
  const hasTime = hasTimeIn(call);
  let fault: Error | undefined;
  for (const one of told) {
    const { thing } = one.candidate.message;
    call.concerns('permit', rolloutOf(one));
    if (fault !== undefined && !hasTime()) {
      askers.add(one);
      continue;
    }
    try {
      const answer = await answerOf(one, firmware, nowMs);
      if (answer !== undefined) await answerDevice(link, thing, answer);
    } catch (error) {
      const own = faultOf(error);
      call.log.error('a device could not be told of its permit', { thing, error: own });
      fault ??= own;
      askers.add(one);
    }
  }
  return { askers, ...(fault && { fault }) };
}

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
    await progress.unserved(rollout, nowMs);
  }
}
