import type { CheckRequest } from '#shared/contracts/device/check.ts';
import { PermitRequest } from '#shared/contracts/device/permit.ts';
import type { DeviceMessage } from '#shared/lambda/device-message.ts';
import { runningSaid } from '../../domain/device/check-says.ts';
import { checkOr } from '../../steps/check-or.ts';
import type { Candidate } from '../../steps/permit-candidates.ts';

/**
 * What the queue of permits carries: requests of devices that have downloaded a release, and checks, forwarded by check-for-update, of
 * devices that begin at once with whatever they are granted.
 */
export type DeviceAsk = PermitRequest | CheckRequest;
/** Reads either: a request names its release, a check has components. */
export const DeviceAsk = checkOr(PermitRequest);

/** What a device asks, and who it is. */
export type AskMessage = DeviceMessage<DeviceAsk>;

/** Whether a message is a request for a release that is downloaded; a check is answered with a release, or not at all. */
export const isRequest = (message: AskMessage): message is DeviceMessage<PermitRequest> =>
  'rollout' in message.body;

/** A device that asks, with the message in which it does. */
export interface AskingCandidate extends Candidate {
  readonly message: AskMessage;
}

/** The device that asks, and what for. */
export function candidateOf(message: AskMessage): AskingCandidate {
  const { tenant, deviceId, atMs, body } = message;
  const about = {
    message,
    tenant,
    deviceId,
    bootId: body.bootId,
    atMs,
    ...(body.begins !== undefined && { begins: body.begins }),
    ...promiseOf(body),
  };
  if ('components' in body) {
    const { hardware, version, digest } = runningSaid(body);
    const { product } = body;
    const says = { hardware, version, ...(digest !== undefined && { digest }), ...(product && { product }) };
    return { ...about, says };
  }
  const { rollout, release, hardware, from } = body;
  return { ...about, question: { rollout, release }, says: { hardware, version: from } };
}

/** What a device promises that begins with its permit. */
function promiseOf(body: DeviceAsk): Pick<Candidate, 'promised'> {
  if (body.begins === undefined || body.within === undefined) return {};
  const backWithin = 'components' in body ? body.backWithin : undefined;
  return {
    promised: {
      withinMs: body.within * 1000,
      ...(backWithin !== undefined && { backWithinMs: backWithin * 1000 }),
    },
  };
}
