import type { Item, Table } from '#shared/capabilities/table.ts';
import { isAhead } from '#shared/clock/ahead.ts';
import { ConflictError } from '#shared/errors/errors.ts';
import { type Away, awayUnlessAhead, NEVER_AWAY, type TimesAway, withAway } from '../domain/clock/away.ts';
import { count, UnreadableRowError } from '../domain/row/attributes.ts';
import { HEARING_KEY, hearingKey } from './keys.ts';
import { timesAwayItem, timesAwayOf } from './times-away.ts';

/** What is known of whether devices could be heard. Times in milliseconds since 1970. */
export interface Hearing {
  /** Since when devices can be heard again after the last interruption; 0 if there was none. */
  readonly resumedAtMs: number;
  /** When silence was last looked for; 0 if never. */
  readonly lastBeatMs: number;
}

/** Silence without a look at it for so long means that nobody was there to hear: three ticks of a minute. */
const DEAF_AFTER_MS = 180_000;

/** The hearing items, one for all and one for a rollout that could not be read: interruptions and heartbeats. */
export class HearingStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Devices, or those of one rollout, could not be heard until then: silence clocks start again there. */
  async interrupted(untilMs: number, rollout?: string): Promise<void> {
    const update = rollout === undefined ? HEARING_KEY : hearingKey(rollout);
    const set = { resumedAtMs: untilMs };
    const first = await this.#table.write({
      update,
      set,
      when: [{ attribute: 'resumedAtMs', is: 'absent' }],
    });
    if (first.outcome === 'written') return;
    await this.#table.write({
      update,
      set,
      when: [{ attribute: 'resumedAtMs', is: '<=', value: untilMs }],
    });
  }

  /**
   * Devices could not be heard for a while, which is over by now (milliseconds since 1970). What is noted of others and cannot be read
   * gives way to it: the host would not start, and rollouts that ran have been paused for that. Throws `ConflictError` where somebody else
   * notes another.
   */
  async away(away: Away, nowMs: number): Promise<void> {
    const [item = {}] = await this.#table.get([HEARING_KEY], { consistent: true });
    const { awayUntilMs = null } = item;
    const set = timesAwayItem(withAway(awayUnlessAhead(readableTimes(item), nowMs), away));
    const { outcome } = await this.#table.write({
      update: HEARING_KEY,
      set,
      ...(awayUntilMs === null && { when: [{ attribute: 'awayUntilMs', is: 'absent' }] }),
      ...(typeof awayUntilMs === 'number' && {
        when: [{ attribute: 'awayUntilMs', is: '=', value: awayUntilMs }],
      }),
    });
    if (outcome === 'refused') throw new ConflictError('another time in which no device was heard was noted');
  }

  /**
   * All such whiles, the last one too: a proof right after it would count it as the delay of its device, and hold up the permits of others for
   * as long. Throws `UnreadableRowError`.
   */
  async timesAway(): Promise<TimesAway> {
    const [item = {}] = await this.#table.get([HEARING_KEY], { consistent: true });
    return timesAwayOf(item);
  }

  /**
   * Notes that silence of that rollout is being looked for now; beats that were missed count as an interruption, and so does a clock that
   * was put back: silence would not be scored until it is there again. Throws `UnreadableRowError`.
   */
  async beat(nowMs: number, rollout: string): Promise<Hearing> {
    const [item = {}, own = {}] = await this.#table.get([HEARING_KEY, hearingKey(rollout)], {
      consistent: true,
    });
    const lastBeatMs = count('hearing.lastBeatMs', item.lastBeatMs ?? 0);
    const resumedAtMs = Math.max(
      count('hearing.resumedAtMs', item.resumedAtMs ?? 0),
      count('hearing.resumedAtMs', own.resumedAtMs ?? 0),
    );
    if (isAhead(Math.max(lastBeatMs, resumedAtMs), nowMs)) {
      const set = { resumedAtMs: nowMs };
      // A while that lies ahead would seem to be over the time to come.
      const notAhead = timesAwayItem(
        withAway(awayUnlessAhead(timesAwayOf(item), nowMs), { fromMs: nowMs, untilMs: nowMs }),
      );
      await this.#table.write({ update: HEARING_KEY, set: { ...set, ...notAhead, lastBeatMs: nowMs } });
      if (own.resumedAtMs !== undefined) await this.#table.write({ update: hearingKey(rollout), set });
      return { resumedAtMs: nowMs, lastBeatMs: nowMs };
    }
    if (lastBeatMs !== 0 && nowMs - lastBeatMs > DEAF_AFTER_MS) {
      await this.interrupted(nowMs);
      await this.#table.write({ update: HEARING_KEY, set: { lastBeatMs: nowMs } });
      return { resumedAtMs: nowMs, lastBeatMs: nowMs };
    }
    // A beat every few seconds is enough to notice three minutes without one.
    if (nowMs - lastBeatMs > DEAF_AFTER_MS / 18) {
      await this.#table.write({ update: HEARING_KEY, set: { lastBeatMs: nowMs } });
    }
    return { resumedAtMs, lastBeatMs };
  }
}

function readableTimes(item: Item): TimesAway {
  try {
    return timesAwayOf(item);
  } catch (error) {
    if (error instanceof UnreadableRowError) return NEVER_AWAY;
    throw error;
  }
}
