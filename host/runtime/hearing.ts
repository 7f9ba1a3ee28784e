import { bridgeEvent } from '#host/events/bridge-event.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import type { Table } from '#shared/capabilities/table.ts';
import { HearingInterrupted } from '#shared/contracts/events/hearing-interrupted.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import type { Cancel, World } from '#shared/world/world.ts';
import { pause } from '#shared/world/world.ts';
import { backoffMs } from './backoff.ts';
import type { FunctionPool } from './function-pool.ts';
import type { HostLog } from './host-log.ts';

/** One item of the host's own table: when the host was last known to hear devices. */
const MARK = { pk: 'alive', sk: 'alive' };
const MOST_ATTEMPTS = 8;

/** Where the mark that the host can hear is kept, and how often it is set. */
export interface HearingParts {
  /** The host's own table. */
  readonly table: Table;
  readonly world: World;
  readonly ids: Ids;
  readonly log: HostLog;
  /** How often the mark is set; a crash makes the silence look that much longer. */
  readonly everySeconds: number;
}

/**
 * Knows since when devices could not be heard. While the host was away their silence says nothing: that must be known to
 * whoever draws conclusions from silence before anything else runs.
 */
export class Hearing {
  readonly #parts: HearingParts;
  #cancel: Cancel | undefined;
  #isMarking = false;

  constructor(parts: HearingParts) {
    this.#parts = parts;
  }

  /**
   * Tells the functions that `listenersOf` an event names that devices were not heard until now, and waits until they have
   * dealt with it; nothing at the first start. Answers since when (milliseconds since 1970). Throws `ConfigurationError` when one of
   * them cannot: the host must not start. `restoredFromMs`: what the host keeps is a backup of then.
   */
  async tellInterruption(
    listenersOf: (event: unknown) => readonly FunctionPool[],
    restoredFromMs?: number,
  ): Promise<number | undefined> {
    const { table, world, ids, log } = this.#parts;
    const [mark] = await table.get([MARK], { consistent: true });
    const untilMs = world.now();
    const heardMs = mark === undefined ? restoredFromMs : Number(mark.atMs);
    const fromMs = heardMs && Math.min(heardMs, untilMs);
    if (fromMs !== undefined) {
      const { source, type } = HearingInterrupted;
      const id = ids.next();
      const restored = restoredFromMs !== undefined && { restoredFromMs };
      const detail = { id, v: 1, tenant: 'evenkeel', atMs: untilMs, fromMs, untilMs, ...restored };
      const event = bridgeEvent({ id, source, type, detail }, untilMs);
      log.info('devices were not heard', { fromMs, untilMs, ...restored });
      for (const listener of listenersOf(event)) await this.#tell(listener, event);
    }
    await this.#mark();
    return fromMs;
  }

  /** Keeps the mark up to date from now on. */
  start(): void {
    const { world, everySeconds, log } = this.#parts;
    this.#cancel = world.after(everySeconds * 1000, () => {
      this.start();
      if (this.#isMarking) return;
      this.#isMarking = true;
      this.#mark()
        .catch((error: unknown) => log.error('the alive mark could not be set', error))
        .finally(() => {
          this.#isMarking = false;
        });
    });
  }

  /** Sets the mark for the last time; not where nobody was told yet, or the interruption would be forgotten. */
  async stop(): Promise<void> {
    this.#cancel?.();
    if (this.#cancel !== undefined) await this.#mark();
  }

  async #mark(): Promise<void> {
    await this.#parts.table.write({ put: { ...MARK, atMs: this.#parts.world.now() } });
  }

  async #tell(listener: FunctionPool, event: unknown): Promise<void> {
    const { world, log } = this.#parts;
    for (let attempt = 0; ; attempt++) {
      try {
        await listener.invoke(event);
        return;
      } catch (error) {
        log.error('an interruption of hearing could not be told', error, {
          function: listener.name,
          attempt,
        });
        if (attempt + 1 >= MOST_ATTEMPTS) {
          const rule = `${listener.name} must learn that devices were not heard before anything else runs`;
          throw new ConfigurationError(rule, { cause: error });
        }
        await pause(world, backoffMs(attempt, world));
      }
    }
  }
}
