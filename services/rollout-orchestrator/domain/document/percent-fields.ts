import * as z from 'zod';
import { type Millionths, WHOLE } from '../order/share.ts';
import { parsePercent, printPercent } from './percent.ts';

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
