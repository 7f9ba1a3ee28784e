import { mkdir, readdir, rmdir } from 'node:fs/promises';
import {
  DecommissionDevice,
  type DeviceView,
  GetDevice,
  ListDevices,
  type PresenceWord,
  RegisterDevice,
  TagDevice,
} from '#shared/contracts/api/devices.ts';
import { GetProduct } from '#shared/contracts/api/firmware.ts';
import { ListQuarantined, ReleaseFromQuarantine } from '#shared/contracts/api/rollout-devices.ts';
import { ListDeviceReports, type LoggedReport } from '#shared/contracts/api/telemetry.ts';
import { keyToPem, newKeyPair } from '#shared/x509/key-pair.ts';
import { newSigningRequest } from '#shared/x509/new-signing-request.ts';
import type { ApiClient, CallOptions } from '../api-client.ts';
import { ApiError, UsageError } from '../errors.ts';
import { hasCode } from '../files.ts';
import { allPages } from './all-pages.ts';
import { writeDeviceFiles } from './device-folder.ts';

/** A device to be registered. */
export interface Registration {
  readonly deviceId: string;
  readonly product: string;
  readonly hardware: string;
  readonly tags?: readonly string[] | undefined;
  /** PKCS#10 in PEM; without one the backend makes a key and hands it out once. */
  readonly csrPem?: string | undefined;
}

/** A registered device with all that it needs to connect. */
export interface RegisteredDevice {
  /** MQTT client id. */
  readonly thing: string;
  readonly certificateId: string;
  readonly certificatePem: string;
  /** Absent where a CSR was given. */
  readonly privateKeyPem?: string;
  /** What the broker's certificate is signed by. */
  readonly authorityPem: string;
  /** `host:port` of the broker. */
  readonly endpoint: string;
}

/** Registers a device. */
export async function registerDevice(
  client: ApiClient,
  registration: Registration,
  options: CallOptions = {},
): Promise<RegisteredDevice> {
  const { deviceId, product, hardware, tags = [], csrPem } = registration;
  const body = { deviceId, product, hardware, tags: [...tags], ...(csrPem !== undefined && { csr: csrPem }) };
  const answer = await client.call(RegisterDevice, { body }, options);
  const { thing, certificateId, certificate, privateKey, authority, endpoint } = answer;
  return {
    thing,
    certificateId,
    certificatePem: certificate,
    authorityPem: authority,
    endpoint,
    ...(privateKey !== undefined && { privateKeyPem: privateKey }),
  };
}

/**
 * Throws `UsageError` unless the product is there and has that hardware: the registry knows no products and would take the device,
 * which then gets nothing for ever.
 */
export async function requireHardware(client: ApiClient, product: string, hardware: string): Promise<void> {
  const known = await knownHardware(client, product);
  if (known.includes(hardware)) return;
  throw new UsageError(
    `--hardware ${hardware}: product ${product} has ${known.join(', ')}; name one of them, or give --force`,
  );
}

async function knownHardware(client: ApiClient, product: string): Promise<readonly string[]> {
  try {
    return (await client.call(GetProduct, { params: { product } })).hardware;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    throw new UsageError(
      `--product ${product}: there is no such product; create it first (evenkeel product create), or give --force`,
      { cause: error },
    );
  }
}

/** As `registerDevice`; the key of one without a CSR is made here, and nobody else has it. */
async function registerWithKey(client: ApiClient, registration: Registration): Promise<RegisteredDevice> {
  if (registration.csrPem !== undefined) return registerDevice(client, registration);
  const pair = await newKeyPair();
  const csrPem = newSigningRequest(pair, registration.deviceId);
  const device = await registerDevice(client, { ...registration, csrPem });
  return { ...device, privateKeyPem: keyToPem(pair.privateKey) };
}

/**
 * Registers a device and keeps what it needs in a directory, which must be new or empty: its certificate is handed out once, so that
 * the directory is made before anything is asked for. Answers the paths that were written.
 */
export async function registerDeviceInto(
  client: ApiClient,
  registration: Registration,
  directory: string,
): Promise<{ readonly device: RegisteredDevice; readonly files: readonly string[] }> {
  const isNew = await makeEmpty(directory);
  const device = await registerWithKey(client, registration).catch(async (error: unknown) => {
    if (isNew) await rmdir(directory);
    throw error;
  });
  const files = await writeDeviceFiles(directory, { ...registration, ...device });
  return { device, files };
}

/** One device, as the registry knows it. */
export function showDevice(client: ApiClient, deviceId: string): Promise<DeviceView> {
  return client.call(GetDevice, { params: { deviceId } });
}

/** By what devices are chosen; a part that is absent chooses all. */
export interface DeviceFilter {
  /** Stands somewhere in the id, in capitals or not. */
  readonly id?: string;
  readonly product?: string;
  readonly hardware?: string;
  /** All of these. */
  readonly tag?: readonly string[];
  readonly presence?: PresenceWord;
  /** In service and not connected for so many days. */
  readonly unseenDays?: number;
}

/** Devices that were chosen, and how many were looked at for that. */
export interface FoundDevices {
  readonly devices: DeviceView[];
  /** Absent where none was to be chosen. */
  readonly looked?: number;
}

/** Devices in order of id, at most `limit`, of those that fit: the backend chooses them, a thousand at a call. */
export async function listDevices(
  client: ApiClient,
  limit: number,
  { tag = [], ...filter }: DeviceFilter = {},
): Promise<FoundDevices> {
  const chosen = { ...filter, ...(tag.length > 0 && { tag: tag.join(',') }) };
  let lookedAt: number | undefined;
  const found = await allPages(limit, async (page) => {
    const { devices, looked, cursor } = await client.call(ListDevices, { query: { ...page, ...chosen } });
    if (looked !== undefined) lookedAt = (lookedAt ?? 0) + looked;
    return { items: devices, cursor };
  });
  return { devices: found, ...(lookedAt !== undefined && { looked: lookedAt }) };
}

/** What a device reported on a day (UTC, `2026-03-01`), by the time at which it was received; at most `limit` reports. */
export async function reportsOfDevice(
  client: ApiClient,
  deviceId: string,
  day: string,
  limit: number,
): Promise<LoggedReport[]> {
  const reports = await allPages(limit, async (page) => {
    const answer = await client.call(ListDeviceReports, { params: { deviceId }, query: { ...page, day } });
    return { items: answer.reports, cursor: answer.cursor };
  });
  return reports.toSorted((one, other) => one.atMs - other.atMs);
}

/** Replaces the tags of a device; with `had` the backend refuses where it has others by now (`hasOtherTags`). */
export function tagDevice(
  client: ApiClient,
  deviceId: string,
  tags: readonly string[],
  had?: readonly string[],
): Promise<DeviceView> {
  const body = { tags: [...tags], ...(had !== undefined && { had: [...had] }) };
  return client.call(TagDevice, { params: { deviceId }, body });
}

/** Whether tags were not changed because somebody else has changed them since they were read. */
export const hasOtherTags = (error: unknown): boolean =>
  error instanceof ApiError && error.code === 'wrong-state' && error.field === 'had';

/** Whether a backend from before 28 November 2026, 17:00 UTC, was asked: it cannot say whether tags are still those that were read. */
export const knowsNoHad = (error: unknown): boolean =>
  error instanceof ApiError && error.code === 'refused' && error.field === 'had';

/** Takes a device out of service and revokes its certificate; the audit log says why. */
export function decommissionDevice(
  client: ApiClient,
  deviceId: string,
  reason?: string,
): Promise<DeviceView> {
  return client.call(DecommissionDevice, { params: { deviceId }, query: { reason } });
}

/** Devices in quarantine, in order of id, and since when (milliseconds since 1970); at most `limit`. */
export function listQuarantined(
  client: ApiClient,
  limit: number,
): Promise<{ readonly deviceId: string; readonly sinceMs: number }[]> {
  return allPages(limit, async (page) => {
    const { devices, cursor } = await client.call(ListQuarantined, { query: page });
    return { items: devices, cursor };
  });
}

/** Releases a device from quarantine, and answers when. */
export function releaseFromQuarantine(
  client: ApiClient,
  deviceId: string,
  reason: string,
): Promise<{ readonly deviceId: string; readonly releasedAtMs: number }> {
  return client.call(ReleaseFromQuarantine, { params: { deviceId }, body: { reason } });
}

/** Answers whether the directory was not there before. */
async function makeEmpty(directory: string): Promise<boolean> {
  try {
    const firstMade = await mkdir(directory, { recursive: true, mode: 0o700 });
    if ((await readdir(directory)).length === 0) return firstMade !== undefined;
  } catch (error) {
    if (!hasCode(error, 'EEXIST', 'ENOTDIR', 'EACCES', 'EROFS')) throw error;
    throw new UsageError(`--out ${directory} cannot be a directory to write to`, { cause: error });
  }
  throw new UsageError(`--out ${directory} must be a new or an empty directory`);
}
