import * as z from 'zod';
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

/** A share as text: 1,000 is `0.1%`. `parsePercent` of it gives the same share again. */
export function printPercent(share: Millionths): string {
  const whole = Math.floor(share / PER_PERCENT);
  const rest = String(share % PER_PERCENT).padStart(4, '0');
  return `${whole}${`.${rest}`.replace(/\.?0+$/, '')}%`;
}

/** A share of the members: a number of percent (`5`) or a percentage (`5%`), above 0; read as millionths. */
export const StageShare = z
  .union([z.string(), z.number()], 'must be a number of percent or a text such as 5%')
  .transform((value, context) => {
    const share = parsePercent(typeof value === 'number' ? `${value}%` : value);
    if (share !== undefined && share > 0) return share;
    context.addIssue('must be above 0% and at most 100%, with at most four digits after the point');
    return z.NEVER;
  });

/**
 * A tolerated rate, above 0 and at most `max`; read as a fraction (`0.1%` is 0.001). The sign is demanded: in a bare `0.1` one
 * reader sees 0.1 % and the next 10 %, and the second halts too late.
 */
export const rateUpTo = (max: Millionths) =>
  z.string('must be a percentage with its sign, such as 0.1%').transform((text, context) => {
    const share = parsePercent(text);
    if (share !== undefined && share > 0 && share <= max) return share / WHOLE;
    context.addIssue(
      share === undefined
        ? 'must be a percentage with its sign, such as 0.1%'
        : `must be above 0% and at most ${printPercent(max)}`,
    );
    return z.NEVER;
  });
