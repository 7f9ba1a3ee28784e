import { isAhead } from '#shared/clock/ahead.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { type Attributes, changed, type Device } from './device.ts';

/** One inventory message: all attributes of the device, and whose word it is. */
export interface InventoryReport {
  readonly attributes: Attributes;
  /** The certificate that the broker saw. */
  readonly certificateId: string;
  /** When the broker took it, milliseconds since 1970. */
  readonly atMs: number;
}

/** What becomes of an inventory. A refusal is answered to the device; it is no fault of ours. */
export type InventoryVerdict =
  | { readonly outcome: 'changed'; readonly device: Device }
  /** Nothing new but the time, which is kept without telling anybody. */
  | { readonly outcome: 'noted'; readonly device: Device }
  | { readonly outcome: 'unchanged' }
  | { readonly outcome: 'refused'; readonly error: RefusedError };

const UNCHANGED: InventoryVerdict = { outcome: 'unchanged' };

/**
 * An inventory that says nothing new moves the time of the kept one only when that is so much older: a device that repeats itself
 * costs one write a day at most. In return an inventory that comes late still wins against newer ones that said nothing new
 * within that time of the kept one; the device's next inventory corrects that. Anything older is dropped, however late it comes.
 */
export const NOTED_AFTER_MS = 24 * 60 * 60 * 1000;

/** DynamoDB holds a number of 0 or of 1e-130 to 9.99e125 in magnitude; ours stay well inside. */
const LARGEST_NUMBER = 1e120;
const SMALLEST_NUMBER = 1e-120;

/**
 * The refusal of attributes that the schema lets pass but no store can keep; `undefined` when all can be kept. To find out
 * in the store would be too late: the message would come again until it lies in the dead-letter queue.
 */
export function refuseAttributes(attributes: Attributes): RefusedError | undefined {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'number' && !canBeKept(value)) {
      return new RefusedError(`attributes.${name}`, 'must be 0 or between 1e-120 and 1e120 in magnitude');
    }
  }
  return undefined;
}

/**
 * Decides, at `nowMs`, on the newest inventory of a device. It replaces the attributes whole; only what is different is a change. One that was
 * noted by a clock that has been put back since gives way to what is said by the clock as it is now.
 */
export function judgeInventory(
  device: Device | undefined,
  report: InventoryReport,
  nowMs: number,
): InventoryVerdict {
  if (device === undefined) return refused('device', 'must be registered');
  if (device.decommissioned) return refused('device', 'must not be decommissioned');
  if (device.certificateId !== report.certificateId) {
    return refused('certificate', 'must be the one that the device was registered with');
  }
  // Queues reorder: what is older than what is known says nothing new.
  const { attributes, atMs: inventoryAtMs } = report;
  const knownMs = device.inventoryAtMs ?? Number.NEGATIVE_INFINITY;
  const isPutBack = isAhead(knownMs, nowMs) && !isAhead(inventoryAtMs, nowMs);
  const newerByMs = isPutBack ? Number.POSITIVE_INFINITY : inventoryAtMs - knownMs;
  if (newerByMs < 0) return UNCHANGED;
  if (!areSame(attributes, device.attributes)) {
    return { outcome: 'changed', device: changed(device, { attributes, inventoryAtMs }) };
  }
  return newerByMs < NOTED_AFTER_MS ? UNCHANGED : { outcome: 'noted', device: { ...device, inventoryAtMs } };
}

/**
 * Whether, of two inventories that come at once, the first was taken no earlier than the second (milliseconds since 1970): of one clock the
 * times say so, and one that lies ahead was taken before the clock was put back.
 */
export function isTakenLater(atMs: number, otherMs: number, nowMs: number): boolean {
  const isOtherAhead = isAhead(otherMs, nowMs);
  return isAhead(atMs, nowMs) === isOtherAhead ? atMs >= otherMs : isOtherAhead;
}

/** Minus nought is nought, as the store has it: what cannot be kept apart is no change. */
function areSame(one: Attributes, other: Attributes): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

function canBeKept(value: number): boolean {
  const magnitude = Math.abs(value);
  return magnitude === 0 || (magnitude >= SMALLEST_NUMBER && magnitude <= LARGEST_NUMBER);
}

function refused(field: string, rule: string): InventoryVerdict {
  return { outcome: 'refused', error: new RefusedError(field, rule) };
}
