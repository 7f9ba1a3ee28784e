import { bridgeEvent } from '#host/events/bridge-event.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import type { Table } from '#shared/capabilities/table.ts';
import { HearingInterrupted } from '#shared/contracts/events/hearing-interrupted.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { backoffMs } from '#shared/retry/backoff.ts';
import type { Cancel, World } from '#shared/world/world.ts';
import { pause } from '#shared/world/world.ts';
import { type ClockWatch, isJump } from './clock-watch.ts';
import { DELIVERY_BACKOFF } from './delivery-backoff.ts';
import type { FunctionPool } from './function-pool.ts';
import type { HostLog } from './host-log.ts';
import { LostMessages, type TakenCounts } from './lost-messages.ts';

/** One item of the host's own table: when the host was last known to hear devices. */
const MARK = { pk: 'alive', sk: 'alive' };
const MOST_ATTEMPTS = 8;
/** Finds the functions that an event is for. */
type ListenersOf = (event: unknown) => readonly FunctionPool[];

/** Where the mark that the host can hear is kept, and how often it is set. */
export interface HearingParts {
  /** The host's own table. */
  readonly table: Table;
  readonly world: World;
  readonly ids: Ids;
  readonly log: HostLog;
  /** How often the mark is set; a crash makes the silence look that much longer. */
  readonly everySeconds: number;
  readonly clock: ClockWatch;
  /** Resolves once no function runs that began by the clock before it jumped. */
  readonly ended: () => Promise<void>;
  /** What became of the messages of devices that are held in memory alone. */
  readonly counts: () => TakenCounts;
}

/**
 * Knows since when devices could not be heard. While the host was away their silence says nothing: that must be known to
 * whoever draws conclusions from silence before anything else runs. So it is with time that a clock was set ahead over, or that a
 * machine slept, and with time in which the host had more to do than it could.
 */
export class Hearing {
  readonly #parts: HearingParts;
  readonly #clock: ClockWatch;
  readonly #lost: LostMessages;
  #cancel: Cancel | undefined;
  #isMarking = false;
  #listenersOf: ListenersOf | undefined;
  #telling: Promise<void> | undefined;
  #ranUntilMs: number | undefined;

  constructor(parts: HearingParts) {
    this.#parts = parts;
    this.#clock = parts.clock;
    this.#lost = new LostMessages(parts.counts, parts.world);
  }

  /**
   * Tells the functions that `listenersOf` an event names that devices were not heard until now, and waits until they have
   * dealt with it; nothing at the first start. Answers since when (milliseconds since 1970). Throws `ConfigurationError` when one of
   * them cannot: the host must not start. `restoredFromMs`: what the host keeps is a backup of then.
   */
  async tellInterruption(listenersOf: ListenersOf, restoredFromMs?: number): Promise<number | undefined> {
    const { table, world } = this.#parts;
    const [mark] = await table.get([MARK], { consistent: true });
    const untilMs = world.now();
    const heardMs = mark === undefined ? restoredFromMs : Number(mark.atMs);
    const fromMs = heardMs && Math.min(heardMs, untilMs);
    if (heardMs !== undefined && heardMs > untilMs && isJump(untilMs - heardMs)) this.#ranUntilMs = heardMs;
    if (fromMs !== undefined) await this.#tellAll(listenersOf, { fromMs, untilMs }, restoredFromMs);
    await this.#mark();
    return fromMs;
  }

  /**
   * Until when the host had run by the clock before (milliseconds since 1970), where the clock said less when it began: what was over by then
   * may not be over now.
   */
  get ranUntilMs(): number | undefined {
    return this.#ranUntilMs;
  }

  /**
   * Keeps the mark up to date from now on, and tells those whom `listenersOf` names of time that the clock was set ahead over, or in which
   * messages of devices were lost.
   */
  start(listenersOf: ListenersOf): void {
    const { world, everySeconds, log } = this.#parts;
    this.#listenersOf = listenersOf;
    this.#cancel = world.after(everySeconds * 1000, () => {
      this.start(listenersOf);
      if (this.#isMarking) return;
      this.#isMarking = true;
      // The mark stays where it is until they were told: so does the next start, then.
      this.#tellJump(listenersOf)
        .then(() => this.#tellLost(listenersOf))
        .then(() => this.#mark())
        .catch((error: unknown) => log.error('the alive mark could not be set', error))
        .finally(() => {
          this.#isMarking = false;
        });
    });
  }

  /**
   * What must have come to its end before a function runs: the telling of a clock that was set since the last look. `undefined` where it
   * was not set, or the host has not started. It fails as long as nobody could be told.
   */
  untold(): Promise<void> | undefined {
    const listenersOf = this.#listenersOf;
    if (listenersOf === undefined || !this.#clock.hasJumped) return undefined;
    // It may have been set once more while that was told.
    return this.#tellJump(listenersOf).then(() => this.untold());
  }

  /** Sets the mark for the last time; not where nobody was told yet, or the interruption would be forgotten. */
  async stop(): Promise<void> {
    this.#cancel?.();
    if (this.#cancel !== undefined) await this.#mark();
  }

  /** Whoever asks for it while it is under way waits for the same. */
  #tellJump(listenersOf: ListenersOf): Promise<void> {
    this.#telling ??= this.#tellJumpNow(listenersOf).finally(() => {
      this.#telling = undefined;
    });
    return this.#telling;
  }

  async #tellJumpNow(listenersOf: ListenersOf): Promise<void> {
    const { world, log, ended } = this.#parts;
    // What began by the clock before ends by it: it would take what is told, and what comes later, for a clock that was put back.
    if (this.#clock.hasJumped) await ended();
    const aheadMs = this.#clock.setByMs();
    if (isJump(aheadMs)) {
      const setBySeconds = Math.round(aheadMs / 1000);
      log.warn('the clock of this machine was set, or it slept', { setBySeconds });
      const untilMs = world.now();
      if (aheadMs > 0) await this.#tellAll(listenersOf, { fromMs: untilMs - aheadMs, untilMs });
    }
    this.#clock.accept(aheadMs);
  }

  async #tellLost(listenersOf: ListenersOf): Promise<void> {
    const lostForMs = this.#lost.lostForMs();
    if (lostForMs === undefined) return;
    const untilMs = this.#parts.world.now();
    await this.#tellAll(listenersOf, { fromMs: untilMs - lostForMs, untilMs });
  }

  async #tellAll(
    listenersOf: ListenersOf,
    { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
    restoredFromMs?: number,
  ): Promise<void> {
    const { ids, log } = this.#parts;
    const { source, type } = HearingInterrupted;
    const id = ids.next();
    const restored = restoredFromMs !== undefined && { restoredFromMs };
    const detail = { id, v: 1, tenant: 'evenkeel', atMs: untilMs, fromMs, untilMs, ...restored };
    const event = bridgeEvent({ id, source, type, detail }, untilMs);
    log.info('devices were not heard', { fromMs, untilMs, ...restored });
    for (const listener of listenersOf(event)) await this.#tell(listener, event);
  }

  async #mark(): Promise<void> {
    await this.#parts.table.write({ put: { ...MARK, atMs: this.#parts.world.now() } });
  }

  async #tell(listener: FunctionPool, event: unknown): Promise<void> {
    const { world, log } = this.#parts;
    for (let attempt = 0; ; attempt++) {
      try {
        await listener.invokeAtOnce(event);
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
        await pause(world, backoffMs(attempt, DELIVERY_BACKOFF, world));
      }
    }
  }
}
