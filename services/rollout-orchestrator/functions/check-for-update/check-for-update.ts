import type { Downloads } from '#shared/capabilities/bucket.ts';
import type { Clock } from '#shared/capabilities/clock.ts';
import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import { sendAll } from '#shared/capabilities/send-all.ts';
import type { CheckRequest } from '#shared/contracts/device/check.ts';
import type { Offer, RetryAfter } from '#shared/contracts/device/offer.ts';
import { downTopic } from '#shared/contracts/device/topics.ts';
import { RefusedError } from '#shared/errors/errors.ts';
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
  const { thing, body } = message;
  const running = runningSaid(body);
  const says = { ...running, ...(body.product !== undefined && { product: body.product }) };
  let looked = await look(message, says, needs, { consistent: false });
  // A glance costs half and may be a moment old: nothing is offered or refused on the strength of it, and what it hands on is decided
  // anew, on what is committed, where permits are granted.
  let asks = asksForPermit(body, looked);
  if (looked.decision.kind !== 'nothing' && asks === undefined) {
    looked = await look(message, says, needs, { consistent: true, glance: looked });
    asks = asksForPermit(body, looked);
  }
  const { device, decision } = looked;
  if (isWorthTelling(device, running)) {
    await sendAll(needs.reports, [{ body: JSON.stringify(ruleEventOf(message)) }]);
    const rollout = rolloutOfSighting(device, body.last);
    call.concerns(rollout === undefined ? 'news' : 'proof', rollout);
  }
  if (asks !== undefined) {
    call.concerns('offer', asks);
    await sendAll(needs.permits, [{ body: JSON.stringify(ruleEventOf(message)) }]);
    return;
  }
  switch (decision.kind) {
    case 'refused':
      throw refusalOf(decision.rule, { facts: decisionFacts(device), says });
    case 'offer': {
      const served = decision.rollout;
      call.count('OfferMade');
      call.concerns('offer', served.rollout);
      const release = await offeredRelease(served, decision.artifact, needs.firmware, needs.clock.now());
      await say(needs.link, thing, { v: 1, nonce: body.nonce, rollout: served.rollout, ...release });
      return;
    }
    case 'nothing':
      if (decision.retryAfterSeconds === undefined) return;
      call.concerns('wait');
      await say(needs.link, thing, { v: 1, nonce: body.nonce, retryAfter: decision.retryAfterSeconds });
  }
}

/** What a check was decided on, and how. */
interface Looked {
  readonly device: DeviceRecord;
  readonly decision: OfferDecision<ServedRollout>;
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

/** Says in words why a device gets nothing at all, and which field shows it. */
function refusalOf(rule: DeviceRule, on: Pick<Inquiry, 'facts' | 'says'>): RefusedError {
  const field = rule === 'hardware-differs' ? 'hardware' : rule === 'product-differs' ? 'product' : 'device';
  return new RefusedError(field, explainDeviceRule(rule, on).explanation);
}

async function say(link: DeviceLink, thing: string, answer: Offer | RetryAfter): Promise<void> {
  await link.publish(downTopic(thing, 'offer'), Buffer.from(JSON.stringify(answer)));
}
