import type { Table } from '#shared/capabilities/table.ts';
import { count } from '../domain/row/attributes.ts';
import { HEARING_KEY } from './keys.ts';

/** What is known of whether devices could be heard. Times in milliseconds since 1970. */
export interface Hearing {
  /** Since when devices can be heard again after the last interruption; 0 if there was none. */
  readonly resumedAtMs: number;
  /** When silence was last looked for; 0 if never. */
  readonly lastBeatMs: number;
}

/** Silence without a look at it for so long means that nobody was there to hear: three ticks of a minute. */
const DEAF_AFTER_MS = 180_000;

/** The hearing item: interruptions and heartbeats. */
export class HearingStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Devices could not be heard until then: silence clocks start again there. */
  async interrupted(untilMs: number): Promise<void> {
    const set = { resumedAtMs: untilMs };
    const first = await this.#table.write({
      update: HEARING_KEY,
      set,
      when: [{ attribute: 'resumedAtMs', is: 'absent' }],
    });
    if (first.outcome === 'written') return;
    await this.#table.write({
      update: HEARING_KEY,
      set,
      when: [{ attribute: 'resumedAtMs', is: '<=', value: untilMs }],
    });
  }

  /** Notes that silence is being looked for now; beats that were missed count as an interruption. Throws `UnreadableRowError`. */
  async beat(nowMs: number): Promise<Hearing> {
    const [item] = await this.#table.get([HEARING_KEY], { consistent: true });
    const { lastBeatMs: beat = 0, resumedAtMs: resumed = 0 } = item ?? {};
    const lastBeatMs = count('hearing.lastBeatMs', beat);
    const resumedAtMs = count('hearing.resumedAtMs', resumed);
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
