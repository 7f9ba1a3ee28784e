import type { KeyObject } from 'node:crypto';
import { hash } from 'node:crypto';
import path from 'node:path';
import { RefusedError } from '#shared/errors/errors.ts';
import { keyOfSigningRequest } from '#shared/x509/signing-request.ts';
import { UsageError } from '../errors.ts';
import { readNamedFile } from '../files.ts';
import { DeviceListError, type ListedDevice } from './device-list.ts';

/** A certificate signing request, PKCS#10 in PEM, and the public key that it is for and signed by. */
export interface SigningRequest {
  readonly pem: string;
  readonly key: KeyObject;
}

/** Reads the request of a device, `ID.csr.pem` in the folder. Throws `UsageError` and `RefusedError`. */
export async function readRequest(folder: string, deviceId: string): Promise<SigningRequest> {
  const pem = await readNamedFile(path.join(folder, `${deviceId}.csr.pem`), 'the signing request');
  return { pem, key: keyOfSigningRequest(pem) };
}

/**
 * Reads the requests of all devices of a list, to know that they are there and sound. Throws `DeviceListError` that names all that are
 * not; devices with one key between them are refused too, because each could speak for the other.
 */
export async function checkRequests(
  devices: readonly ListedDevice[],
  folder: string,
  name: string,
): Promise<void> {
  const problems: string[] = [];
  const holders = new Map<string, string>();
  for (const { line, deviceId } of devices) {
    try {
      const { key } = await readRequest(folder, deviceId);
      const digest = hash('sha256', key.export({ type: 'spki', format: 'der' }));
      const holder = holders.get(digest);
      if (holder !== undefined)
        problems.push(`line ${line}: the key of ${deviceId} must be its own, but is that of ${holder} too`);
      else holders.set(digest, deviceId);
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof RefusedError)) throw error;
      problems.push(
        `line ${line}: ${deviceId}: ${error instanceof RefusedError ? error.rule : error.message}`,
      );
    }
  }
  if (problems.length > 0) throw new DeviceListError(name, problems);
}
