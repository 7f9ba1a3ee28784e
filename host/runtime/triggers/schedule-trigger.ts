import { ConfigurationError } from '#shared/errors/errors.ts';
import type { Cancel, World } from '#shared/world/world.ts';
import type { AsyncInvoker } from '../async-invoker.ts';
import type { Trigger } from './trigger.ts';

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** The period of `rate(5 minutes)` in milliseconds. Throws `ConfigurationError` for `cron(...)` and what is no rate. */
export function periodMsOf(expression: string): number {
  const rate = /^rate\((\d{1,4}) (minute|hour|day)s?\)$/.exec(expression);
  const periodMs = Number(rate?.[1] ?? 0) * (UNIT_MS[rate?.[2] ?? ''] ?? 0);
  if (periodMs <= 0) {
    throw new ConfigurationError(
      `schedule ${expression}: must be rate(N minutes), rate(N hours) or rate(N days)`,
    );
  }
  return periodMs;
}

/**
 * The clock -> function, as an EventBridge rule with a rate. Runs at whole multiples of the period, so that a restart does
 * not put it off; a time that passed while the host was down is not made up for.
 */
export class ScheduleTrigger implements Trigger {
  readonly name: string;
  readonly #invoker: AsyncInvoker;
  readonly #world: Pick<World, 'now' | 'after'>;
  readonly #periodMs: number;
  #nextMs = 0;
  #cancel: Cancel | undefined;

  /** `invoker` is the trigger's own. */
  constructor(name: string, invoker: AsyncInvoker, world: Pick<World, 'now' | 'after'>, periodMs: number) {
    this.name = name;
    this.#invoker = invoker;
    this.#world = world;
    this.#periodMs = periodMs;
  }

  get isBusy(): boolean {
    return this.#invoker.running > 0;
  }

  start(): void {
    const nowMs = this.#world.now();
    // A timer may run a moment early; the time that it stood for must not come twice.
    const afterMs = Math.max(nowMs, this.#nextMs);
    this.#nextMs = (Math.floor(afterMs / this.#periodMs) + 1) * this.#periodMs;
    this.#cancel = this.#world.after(this.#nextMs - nowMs, () => {
      this.#invoker.accept(scheduledEvent(this.name, this.#world.now()), 200);
      this.start();
    });
  }

  async stop(): Promise<void> {
    this.#cancel?.();
    await this.#invoker.stop();
  }
}

function scheduledEvent(name: string, nowMs: number): unknown {
  return {
    version: '0',
    id: `${name}@${nowMs}`,
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: 'home',
    time: new Date(nowMs).toISOString(),
    region: 'home',
    resources: [],
    detail: {},
  };
}
