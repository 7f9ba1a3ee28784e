import { unpackAttempt } from '../attempt/attempt-row.ts';
import { attributesOf, count, flag, listOf, refuse, text } from '../row/attributes.ts';
import { type AttemptName, type DeviceRecord, heldIn, type RegistryFacts, type Running } from './device.ts';

type Row = Readonly<Record<string, unknown>>;

/**
 * Reads the item of a device; attributes that are none of a device's (its key, those of a later version) are passed over. Nothing is
 * known of a device without an item. What is there must be what was written: a floor that is no number is below every sequence, and
 * would let anything pass.
 *
 * @throws UnreadableRowError when it is no device
 */
export function unpackDevice(tenant: string, deviceId: string, item: Row = {}): DeviceRecord {
  const { running, open, proven, missing, bad, excused, previousBootId, flippedMs, quarantinedMs } = item;
  const { floor = 0, tried = {}, forgotten, bootFlips = 0, quarantined = false, revision = 0 } = item;
  const isKnown =
    item.entityVersion !== undefined || item.product !== undefined || item.hardware !== undefined;
  return {
    tenant,
    deviceId,
    ...(isKnown && { facts: factsOf(item) }),
    ...(running !== undefined && { running: runningOf(attributesOf('running', running)) }),
    floor: count('floor', floor),
    ...(open !== undefined && { open: heldOf('open', open) }),
    ...(proven !== undefined && { proven: heldOf('proven', proven) }),
    ...(missing !== undefined && { missing: attemptNameOf('missing', missing) }),
    ...(bad !== undefined && { bad: attemptNameOf('bad', bad) }),
    tried: triedOf('tried', tried),
    ...(forgotten !== undefined && { forgotten: text('forgotten', forgotten) }),
    ...(excused !== undefined && { excused: triedOf('excused', excused) }),
    ...(previousBootId !== undefined && { previousBootId: text('previousBootId', previousBootId) }),
    bootFlips: count('bootFlips', bootFlips),
    ...(flippedMs !== undefined && { flippedMs: count('flippedMs', flippedMs) }),
    quarantined: flag('quarantined', quarantined),
    ...(quarantinedMs !== undefined && { quarantinedMs: count('quarantinedMs', quarantinedMs) }),
    revision: count('revision', revision),
  };
}

/** What the registry has told is written at once: all of it is there. */
function factsOf(row: Row): RegistryFacts {
  const { entityVersion, product, hardware, tags, attributes, decommissioned, registeredAtMs } = row;
  return {
    entityVersion: count('entityVersion', entityVersion),
    product: text('product', product),
    hardware: text('hardware', hardware),
    tags: tagsOf(tags),
    attributes: selectableOf(attributes),
    decommissioned: flag('decommissioned', decommissioned),
    ...(registeredAtMs !== undefined && { registeredAtMs: count('registeredAtMs', registeredAtMs) }),
  };
}

function tagsOf(value: unknown): readonly string[] {
  const tags = listOf('tags', value);
  return tags.every((tag) => typeof tag === 'string') ? tags : refuse('tags', 'texts', value);
}

function selectableOf(value: unknown): RegistryFacts['attributes'] {
  const attributes = attributesOf('attributes', value);
  return isSelectable(attributes) ? attributes : refuse('attributes', 'texts, numbers and flags', value);
}

function isSelectable(attributes: Row): attributes is RegistryFacts['attributes'] {
  for (const name in attributes) {
    const type = typeof attributes[name];
    if (type !== 'string' && type !== 'number' && type !== 'boolean') return false;
  }
  return true;
}

function runningOf(row: Row): Running {
  const { version, sequence, digest, hardware, bootId, confirmed, trouble, seenAtMs } = row;
  return {
    version: text('running.version', version),
    ...(sequence !== undefined && { sequence: count('running.sequence', sequence) }),
    ...(digest !== undefined && { digest: text('running.digest', digest) }),
    hardware: text('running.hardware', hardware),
    bootId: text('running.bootId', bootId),
    confirmed: flag('running.confirmed', confirmed),
    ...(trouble !== undefined && { trouble: troubleOf(attributesOf('running.trouble', trouble)) }),
    seenAtMs: count('running.seenAtMs', seenAtMs),
  };
}

function troubleOf({ rollout, what, times }: Row): NonNullable<Running['trouble']> {
  return {
    rollout: text('running.trouble.rollout', rollout),
    what: text('running.trouble.what', what),
    times: count('running.trouble.times', times),
  };
}

function heldOf(name: string, value: unknown): NonNullable<DeviceRecord['open']> {
  const row = attributesOf(name, value);
  return heldIn(text(`${name}.rollout`, row.rollout), unpackAttempt(row));
}

function attemptNameOf(name: string, value: unknown): AttemptName {
  const { rollout, attempt } = attributesOf(name, value);
  return { rollout: text(`${name}.rollout`, rollout), attempt: text(`${name}.attempt`, attempt) };
}

function triedOf(name: string, value: unknown): DeviceRecord['tried'] {
  const tried = attributesOf(name, value);
  return isTried(tried) ? tried : refuse(name, 'whole numbers from 0', value);
}

function isTried(tried: Row): tried is DeviceRecord['tried'] {
  for (const rollout in tried) {
    const number = tried[rollout];
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0) return false;
  }
  return true;
}
