import { endsWithinMs } from '#host/access/token-span.ts';
import type { HeldToken } from '../access/access-tokens.ts';
import type { Sight } from './lookout.ts';

/** So many are named; whoever has more looks at all. */
const MOST_NAMED = 10;

/** Tokens of people end soon: told a week before and a day before, of all that do by then, and not while nothing more comes near. */
export function tokenEndsSight(list: () => Promise<readonly HeldToken[]>, now: () => number): Sight {
  let told: ReadonlySet<string> = new Set();
  return {
    name: 'token-ends',
    minutes: 1,
    async look() {
      const nowMs = now();
      const near = (await list()).flatMap((held) => {
        const withinMs = held.span && endsWithinMs(held.span, nowMs);
        return held.span === undefined || withinMs === undefined ? [] : [{ ...held, ...held.span, withinMs }];
      });
      const before = told;
      told = new Set(near.map(({ tenant, sub, toMs, withinMs }) => `${tenant} ${sub} ${toMs} ${withinMs}`));
      if ([...told].every((one) => before.has(one))) return undefined;
      const named = near
        .toSorted((a, b) => a.toMs - b.toMs)
        .slice(0, MOST_NAMED)
        .map(
          ({ tenant, sub, role, toMs }) => `${sub} (${tenant}, ${role}) on ${new Date(toMs).toISOString()}`,
        );
      const others = near.length - named.length;
      return (
        `tokens of people end: ${named.join('; ')}${others === 0 ? '' : `; and ${others} more`}. From then on they are refused. Where it is still needed, ` +
        'make another under the same name, which replaces it: npm run token -- --help'
      );
    },
  };
}
