import type { Item } from '#shared/capabilities/table.ts';
import { type Away, NEVER_AWAY, type TimesAway, withAway } from '../domain/clock/away.ts';
import { attributesOf, count, listOf } from '../domain/row/attributes.ts';

/**
 * What an item says of when devices could not be heard. The latest such while stands apart: versions from before 28 November 2026 know it
 * alone, and one of those may have written it since. Throws `UnreadableRowError`.
 */
export function timesAwayOf(item: Item): TimesAway {
  if (item.awayUntilMs === undefined) return NEVER_AWAY;
  const latest: Away = {
    fromMs: count('hearing.awayFromMs', item.awayFromMs),
    untilMs: count('hearing.awayUntilMs', item.awayUntilMs),
  };
  const kept = listOf('hearing.timesAway', item.timesAway ?? []).map(awayOf);
  const last = kept.at(-1);
  if (last?.fromMs === latest.fromMs && last.untilMs === latest.untilMs) return kept;
  return withAway(
    kept.filter(({ untilMs }) => untilMs <= latest.fromMs),
    latest,
  );
}

/** What an item has to hold for that, at least one while. */
export function timesAwayItem(times: TimesAway): Item {
  const latest = times.at(-1) ?? { fromMs: 0, untilMs: 0 };
  return {
    awayFromMs: latest.fromMs,
    awayUntilMs: latest.untilMs,
    timesAway: times.map((away) => ({ ...away })),
  };
}

function awayOf(value: unknown): Away {
  const { fromMs, untilMs, heardMs } = attributesOf('hearing.timesAway', value);
  return {
    fromMs: count('hearing.timesAway.fromMs', fromMs),
    untilMs: count('hearing.timesAway.untilMs', untilMs),
    ...(heardMs !== undefined && { heardMs: count('hearing.timesAway.heardMs', heardMs) }),
  };
}
