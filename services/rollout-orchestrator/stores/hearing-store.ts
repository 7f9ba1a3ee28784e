import type { Table } from '#shared/capabilities/table.ts';
import { isAhead } from '../domain/clock/ahead.ts';
import type { Away } from '../domain/clock/away.ts';
import { count } from '../domain/row/attributes.ts';
import { HEARING_KEY, hearingKey } from './keys.ts';

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

  /** Devices could not be heard for a while, which is over. */
  async away({ fromMs, untilMs }: Away): Promise<void> {
    await this.#table.write({ update: HEARING_KEY, set: { awayFromMs: fromMs, awayUntilMs: untilMs } });
  }

  /** The last such while; of no length where none is known, and a moment old where it need not be `consistent`. Throws `UnreadableRowError`. */
  async lastAway({ consistent = true } = {}): Promise<Away> {
    const [item = {}] = await this.#table.get([HEARING_KEY], { consistent });
    return {
      fromMs: count('hearing.awayFromMs', item.awayFromMs ?? 0),
      untilMs: count('hearing.awayUntilMs', item.awayUntilMs ?? 0),
    };
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
      const noneAway = { awayFromMs: nowMs, awayUntilMs: nowMs };
      await this.#table.write({ update: HEARING_KEY, set: { ...set, ...noneAway, lastBeatMs: nowMs } });
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
