import type { Identity } from '#shared/capabilities/identity.ts';
import { thingOf } from '#shared/contracts/names.ts';
import { ConflictError } from '#shared/errors/errors.ts';
import type { Caller } from '#shared/lambda/on-http.ts';
import { type Registration, refuseRegistration, registered } from '../../domain/registration.ts';
import { type ChangeNeeds, decisionOf } from '../../steps/change-device.ts';

/** What the API hands over, read and checked. */
interface Request {
  readonly caller: Caller;
  readonly body: Omit<Registration, 'tenant'> & { readonly csr?: string | undefined };
}

/**
 * Registers one device and hands out its certificate, and its key where no CSR was given, for the only time.
 *
 * The certificate is issued before the row is written. A crash in between leaves a certificate that nobody holds: it leaves
 * this function only after the row names it, the key of one made here dies with the call, and facts from a certificate
 * that the row does not name are refused. The next try finds no row and begins anew. The other order would leave a device
 * that is registered and can never connect. A crash after the write loses the answer: the device is then decommissioned and
 * registered again.
 */
export async function registerDevice(
  { caller, body: { csr, ...facts } }: Request,
  { devices, identity, clock, ids }: ChangeNeeds & { readonly identity: Identity },
) {
  const registration: Registration = { tenant: caller.tenant, ...facts };
  const { tenant, deviceId, product, hardware } = registration;
  const thing = thingOf(tenant, deviceId);
  const before = await devices.find(tenant, deviceId);
  refuseRegistration(before, registration);
  const issued = await identity.issue({
    thing,
    // Read by the device policy: the hint topic of its product and hardware.
    attributes: { tenant, product, hardware },
    ...(csr !== undefined && { csrPem: csr }),
  });
  const { certificateId, certificatePem, privateKeyPem, authorityPem, endpoint } = issued;
  const atMs = clock.now();
  const after = registered(before, registration, certificateId, atMs);
  const decision = decisionOf(caller, 'register');
  const saved = await devices.save({ before, after, id: ids.next(), atMs, decision });
  if (saved === 'stale') {
    await identity.revoke(thing, certificateId);
    refuseRegistration(await devices.find(tenant, deviceId), registration);
    throw new ConflictError(`device ${thing} is being changed by somebody else`);
  }
  return {
    thing,
    certificateId,
    certificate: certificatePem,
    ...(privateKeyPem !== undefined && { privateKey: privateKeyPem }),
    authority: authorityPem,
    endpoint,
  };
}
