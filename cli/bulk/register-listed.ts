import type { KeyObject } from 'node:crypto';
import path from 'node:path';
import type { DeviceView } from '#shared/contracts/api/devices.ts';
import { keyToPem, newKeyPair } from '#shared/x509/key-pair.ts';
import { newSigningRequest } from '#shared/x509/new-signing-request.ts';
import {
  type DeviceFolder,
  NascentFolder,
  readDeviceFolder,
  writeDeviceFiles,
  writePrivateKey,
} from '../actions/device-folder.ts';
import { type Registration, registerDevice, showDevice } from '../actions/devices.ts';
import type { ApiClient } from '../api-client.ts';
import { ApiError, FailedError } from '../errors.ts';
import { moment } from '../print/units.ts';
import type { Outcome, Turn } from './run-bulk.ts';

/** A device to be registered, and the request of the key that it made itself, where it did. */
export interface ListedRegistration extends Omit<Registration, 'csrPem'> {
  readonly request: { readonly pem: string; readonly key: KeyObject } | undefined;
}

/**
 * Registers a device and keeps what it needs in the folder `out/ID`, which comes to be at once or not at all. One whose folder is
 * there is left alone, if the backend knows it by that very certificate. Throws `FailedError` that says what to do where the
 * folder and the backend do not agree, else what the API refused.
 */
export async function registerListed(
  client: ApiClient,
  registration: ListedRegistration,
  out: string,
  turn: Turn,
): Promise<Outcome> {
  const { deviceId, request } = registration;
  const folder = path.join(out, deviceId);
  const nascent = new NascentFolder(folder);
  await nascent.recover();
  const found = await readDeviceFolder(folder);
  if (found !== undefined) {
    refuseOtherKey(found, folder, request?.key);
    refuseOtherDevice(found, folder, registration, await viewOf(client, deviceId, turn));
    return 'already';
  }
  await nascent.begin();
  try {
    const csrPem = request?.pem ?? (await keepNewKey(nascent.making, deviceId));
    // A repeat does no harm: of two, one is refused because the device is registered.
    const device = await turn.write(() =>
      registerDevice(client, { ...registration, csrPem }, { idempotent: true }),
    );
    await writeDeviceFiles(nascent.making, { ...registration, ...device });
  } catch (error) {
    await nascent.drop();
    if (!isRegistered(error)) throw error;
    throw withoutFolder(folder, await viewOf(client, deviceId, turn), error);
  }
  await nascent.finish();
  return 'done';
}

/** Makes a key and keeps it before anything is asked for: a full disk shows here. Answers the request for it. */
async function keepNewKey(folder: string, deviceId: string): Promise<string> {
  const pair = await newKeyPair();
  await writePrivateKey(folder, keyToPem(pair.privateKey));
  return newSigningRequest(pair, deviceId);
}

/** The device as the registry knows it; `undefined` where it does not. */
async function viewOf(client: ApiClient, deviceId: string, turn: Turn): Promise<DeviceView | undefined> {
  try {
    return await turn.read(() => showDevice(client, deviceId));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

function isRegistered(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'wrong-state' && error.field === 'deviceId';
}

/** Why a device that is registered is not in the folder, and what can be done. */
function withoutFolder(folder: string, view: DeviceView | undefined, cause: unknown): FailedError {
  const connected = view?.presence !== undefined;
  const since = view === undefined ? '' : ` since ${moment(view.registeredAtMs)}`;
  return new FailedError(
    `is registered${since} and its certificate is not in ${folder}: ${
      connected
        ? 'it has connected with it, so that somebody has it'
        : 'it never connected, so that the certificate may have been lost on its way'
    }`,
    'Where nobody has its certificate: evenkeel device decommission ID, then the same command again.',
    { cause },
  );
}

/** Throws unless certificate and key of the folder belong together, and to the request where there is one. */
function refuseOtherKey(
  { certificate, privateKey }: DeviceFolder,
  folder: string,
  requested: KeyObject | undefined,
): void {
  if (requested !== undefined) {
    if (certificate.publicKey.equals(requested)) return;
    throw new FailedError(
      `the certificate in ${folder} is of another key than its signing request`,
      'A device with a new key is registered anew: evenkeel device decommission ID, and move its folder away.',
    );
  }
  if (privateKey === undefined) {
    throw new FailedError(
      `${folder} holds no private key`,
      'Where the device made its key itself, say where its signing request is: --csrs DIR.',
    );
  }
  if (!certificate.checkPrivateKey(privateKey))
    throw new FailedError(`key and certificate in ${folder} do not belong together`);
}

/** Throws unless the backend knows the device by the certificate of the folder, and as what the list says. */
function refuseOtherDevice(
  { certificate }: DeviceFolder,
  folder: string,
  listed: ListedRegistration,
  view: DeviceView | undefined,
): void {
  const elsewhere = 'Is it of another target? Give another --out, or move the folder away.';
  if (view === undefined)
    throw new FailedError(`${folder} is there, but this backend does not know the device`, elsewhere);
  if (view.decommissioned)
    throw new FailedError('is decommissioned', `To register it anew, move ${folder} away.`);
  if (view.certificateId !== certificate.fingerprint256.replaceAll(':', '').toLowerCase())
    throw new FailedError(`is registered with another certificate than the one in ${folder}`, elsewhere);
  if (view.product !== listed.product || view.hardware !== listed.hardware) {
    throw new FailedError(
      `is registered as ${view.product}, ${view.hardware}, and not as ${listed.product}, ${listed.hardware}`,
      'What a device is stays so.',
    );
  }
}
