import type { Downloads } from '#shared/capabilities/bucket.ts';
import type { Clock } from '#shared/capabilities/clock.ts';
import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import { sendAll } from '#shared/capabilities/send-all.ts';
import type { CheckRequest } from '#shared/contracts/device/check.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { answerDevice } from '#shared/lambda/answer-device.ts';
import type { Call } from '#shared/lambda/call.ts';
import { type DeviceMessage, ruleEventOf } from '#shared/lambda/device-message.ts';
import { isNewlyAsked } from '../../domain/attempt/apply-asked.ts';
import { decideOffer, type OfferDecision } from '../../domain/decision/decide-offer.ts';
import type { DeviceSays, Inquiry } from '../../domain/decision/device.ts';
import { explainDeviceRule } from '../../domain/decision/explain.ts';
import type { DeviceRule } from '../../domain/decision/rules.ts';
import { runningSaid } from '../../domain/device/check-says.ts';
import { decisionFacts } from '../../domain/device/decision-facts.ts';
import type { DeviceRecord } from '../../domain/device/device.ts';
import { rolloutOfSighting } from '../../domain/device/rollout-of-sighting.ts';
import { isWorthTelling } from '../../domain/device/see-device.ts';
import type { ActiveRollouts, ServedRollout } from '../../steps/active-rollouts.ts';
import { offeredRelease } from '../../steps/offered-release.ts';
import { grantsDirectly } from '../../steps/permit-candidates.ts';
import type { ReleasedVersions } from '../../steps/released-versions.ts';
import type { DeviceStore } from '../../stores/device-store.ts';

interface Needs {
  readonly devices: DeviceStore;
  readonly active: ActiveRollouts;
  readonly released: ReleasedVersions;
  readonly reports: Queue;
  readonly permits: Queue;
  readonly firmware: Downloads;
  readonly link: DeviceLink;
  readonly clock: Clock;
}

/**
 * Answers a check. An idle one reads one item, writes nothing and says nothing. A check that proves or contradicts something
 * goes on to the reports queue just as it came, where nothing is lost; one that would begin at once what it is offered goes on to the
 * queue of permits, which answers it.
 */
export async function checkForUpdate(
  message: DeviceMessage<CheckRequest>,
  needs: Needs,
  call: Call,
): Promise<void> {
  const { body } = message;
  const running = runningSaid(body);
  const says = { ...running, ...(body.product !== undefined && { product: body.product }) };
  const looked = await decide(message, says, needs);
  const { device } = looked;
  if (isWorthTelling(device, running)) {
    const rollout = rolloutOfSighting(device, body.last);
    await forward(message, needs.reports);
    call.concerns(rollout === undefined ? 'news' : 'proof', rollout);
  }
  const asks = asksForPermit(body, looked);
  if (asks === undefined) return answer(message, says, looked, needs, call);
  call.concerns('offer', asks);
  await forward(message, needs.permits);
}

/** What a check was decided on, and how. */
interface Looked {
  readonly device: DeviceRecord;
  readonly decision: OfferDecision<ServedRollout>;
}

/**
 * What the device is offered. A glance costs half and may be a moment old: nothing is offered or refused on the strength of it, and what
 * it hands on is decided anew, on what is committed, where permits are granted.
 */
async function decide(message: DeviceMessage<CheckRequest>, says: DeviceSays, needs: Needs): Promise<Looked> {
  const glance = await look(message, says, needs, { consistent: false });
  const suffices = glance.decision.kind === 'nothing' || asksForPermit(message.body, glance) !== undefined;
  return suffices ? glance : look(message, says, needs, { consistent: true, glance });
}

/** The device as it is, and what it is offered on that; what a glance saw holds where it saw the very same device. */
async function look(
  { tenant, deviceId }: DeviceMessage<CheckRequest>,
  says: DeviceSays,
  { devices, active, released: versions, clock }: Needs,
  { consistent, glance }: { readonly consistent: boolean; readonly glance?: Looked },
): Promise<Looked> {
  const device = await devices.read(tenant, deviceId, { consistent });
  if (device === glance?.device) return glance;
  const { facts } = device;
  const rollouts = facts === undefined ? [] : await active.recent(tenant, facts.product, clock.now());
  const isServed = rollouts.length > 0 && device.open === undefined;
  const released = isServed ? await versions.of(device, says, clock.now()) : undefined;
  const inquiry = { facts: decisionFacts(device), says, released, nowMs: clock.now() };
  return { device, decision: decideOffer(inquiry, rollouts) };
}

/**
 * The rollout for which the device asks to begin at once: what it is offered is granted directly, or was granted and has not reached it,
 * which a higher number in the same boot shows.
 */
function asksForPermit(
  { begins: number, within, bootId }: CheckRequest,
  { device, decision }: Looked,
): string | undefined {
  if (number === undefined || within === undefined) return undefined;
  if (decision.kind === 'offer' && grantsDirectly(decision.rollout, { withinMs: within * 1000 }))
    return decision.rollout.rollout;
  const isRepeated = device.open?.row.promised && isNewlyAsked(device.open.row, { number, bootId });
  return isRepeated ? device.open?.rollout : undefined;
}

/** Sends a check on to a queue, just as it came. */
const forward = (message: DeviceMessage<CheckRequest>, queue: Queue): Promise<void> =>
  sendAll(queue, [{ body: JSON.stringify(ruleEventOf(message)) }]);

async function answer(
  { thing, body: { nonce } }: DeviceMessage<CheckRequest>,
  says: DeviceSays,
  { device, decision }: Looked,
  { firmware, link, clock }: Needs,
  call: Call,
): Promise<void> {
  switch (decision.kind) {
    case 'refused':
      throw refusalOf(decision.rule, { facts: decisionFacts(device), says });
    case 'offer': {
      const { rollout } = decision.rollout;
      call.count('OfferMade');
      call.concerns('offer', rollout);
      const release = await offeredRelease(decision.rollout, decision.artifact, firmware, clock.now());
      await answerDevice(link, thing, { kind: 'offer', answer: { v: 1, nonce, rollout, ...release } });
      return;
    }
    case 'nothing': {
      const { retryAfterSeconds: retryAfter } = decision;
      if (retryAfter === undefined) return;
      call.concerns('wait');
      await answerDevice(link, thing, { kind: 'offer', answer: { v: 1, nonce, retryAfter } });
    }
  }
}

/** Says in words why a device gets nothing at all, and which field shows it. */
function refusalOf(rule: DeviceRule, on: Pick<Inquiry, 'facts' | 'says'>): RefusedError {
  const field = rule === 'hardware-differs' ? 'hardware' : rule === 'product-differs' ? 'product' : 'device';
  return new RefusedError(field, explainDeviceRule(rule, on).explanation);
}
