import { type Millionths, WHOLE } from '../order/share.ts';

/** Millionths in one percent. */
const PER_PERCENT = WHOLE / 100;

/**
 * Millionths of a text such as `0.1%` or `5%`; `undefined` when it is no percentage. Read digit by digit, so that it is exact:
 * four digits after the point are the finest (0.0001 % is one in a million).
 */
export function parsePercent(text: string): Millionths | undefined {
  const match = /^([0-9]{1,3})(?:\.([0-9]{1,4}))?%$/.exec(text);
  if (match === null) return undefined;
  const millionths = Number(match[1]) * PER_PERCENT + Number((match[2] ?? '').padEnd(4, '0'));
  return millionths <= WHOLE ? millionths : undefined;
}

/** A share as text: 1,000 is `0.1%`. `parsePercent` of it gives the same share again: four digits after the point divide exactly. */
export const printPercent = (share: Millionths): string => `${share / PER_PERCENT}%`;
