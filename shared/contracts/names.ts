import * as z from 'zod';

/** A manufacturer: 1 to 20 of `a-z`, `0-9`, `-` (docs/protocol.md, "Connecting"). */
export const Tenant = z.string().regex(/^[a-z0-9-]{1,20}$/, 'must be 1 to 20 of a-z, 0-9 and -');
/** One unit within its tenant: 1 to 43 of letters, digits, `_`, `-`. */
export const DeviceId = z.string().regex(/^[A-Za-z0-9_-]{1,43}$/, 'must be 1 to 43 letters, digits, _ or -');
/** `<tenant>:<deviceId>`: IoT thing name and MQTT client id. */
export const Thing = z.string().regex(/^[a-z0-9-]{1,20}:[A-Za-z0-9_-]{1,43}$/, 'must be <tenant>:<deviceId>');
/** A line of devices that share firmware. */
export const ProductName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9 and -');
/** The class of board that a build is for. */
export const Hardware = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9, ., _ and -');
/** An operator's label. */
export const Tag = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9, ., _ and -');
/** Lower-case hex sha256. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');
/** An identifier made by Evenkeel: 26 characters of Crockford base32. */
export const Ulid = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'must be 26 characters of Crockford base32');
/** Milliseconds since 1970. */
export const EpochMs = z.number().int().min(0).max(8_640_000_000_000_000);
/** A version as a device says it; only in a release must it parse. */
export const VersionText = z.string().min(1).max(64);
/** A release's name: `<product>/<version>`. */
export const ReleaseName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}\/[^/\s]{1,64}$/, 'must be <product>/<version>');

/** The two halves of a thing name that has been checked against `Thing`. */
export function splitThing(thing: string): { readonly tenant: string; readonly deviceId: string } {
  const colon = thing.indexOf(':');
  return { tenant: thing.slice(0, colon), deviceId: thing.slice(colon + 1) };
}

/** The thing name of a tenant's device. */
export const thingOf = (tenant: string, deviceId: string): string => `${tenant}:${deviceId}`;
/** Why a person did something, for the audit log. */
export const ReasonText = z.string().trim().min(1, 'must say why').max(500);
/** Why an install failed: a short code fit for counting, `flash-write`, `battery`, `no-space`, `declined`. */
export const FailureReason = z.string().regex(/^[a-z0-9-]{1,40}$/, 'must be 1 to 40 of a-z, 0-9 and -');
