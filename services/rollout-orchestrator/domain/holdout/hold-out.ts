import { fractionOf } from '../order/rank.ts';
import { type Millionths, WHOLE } from '../order/share.ts';
import { count } from '../row/attributes.ts';

/** A random share of the devices that get a release last. */
export interface HoldOut {
  readonly share: Millionths;
  /** Until when they get it from no rollout at all, milliseconds since 1970. */
  readonly untilMs: number;
}

/** The attributes that an item keeps a hold-out in. */
export const keptHoldOut = ({ share, untilMs }: HoldOut) => ({ heldShare: share, heldUntilMs: untilMs });

/** The hold-out that an item keeps. Throws `UnreadableRowError` for one that cannot be read: what is not known must not be served. */
export function readHoldOut({
  heldShare: share,
  heldUntilMs: untilMs,
}: Readonly<Record<string, unknown>>): HoldOut {
  return { share: count('heldShare', share), untilMs: count('heldUntilMs', untilMs) };
}

/** A release as its hold-out knows it. */
export interface HeldRelease {
  readonly product: string;
  readonly sequence: number;
}

/**
 * Whether a device is in the hold-out of a release: the first six bytes of sha256(product, sequence, device) as a fraction are below the
 * share. Whatever the rollout, the same devices for ever; of each release others, so that nobody is always the last.
 */
export function isInHoldOut(
  { product, sequence }: HeldRelease,
  deviceId: string,
  share: Millionths,
): boolean {
  // A line break keeps the names apart: none can hold one.
  return fractionOf(`${product}\n${sequence}\n${deviceId}`) < share / WHOLE;
}

/**
 * Whether a rollout serves nobody of the hold-out at `nowMs`: until its end, and from then on until the last stage is open, to which
 * the hold-out belongs.
 */
export function isHoldingBack({ untilMs }: HoldOut, isLastStage: boolean, nowMs: number): boolean {
  return nowMs < untilMs || !isLastStage;
}
