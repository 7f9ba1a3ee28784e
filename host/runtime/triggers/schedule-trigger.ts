import type { Cancel, World } from '#shared/world/world.ts';
import type { AsyncInvoker } from '../async-invoker.ts';
import type { Trigger } from './trigger.ts';

const MOMENT_MS = 1_000;
/** About what an event of the clock takes in memory. */
const EVENT_BYTES = 300;

/**
 * The clock -> function, as an EventBridge rule with a rate. Runs at whole multiples of the period, so that a restart does
 * not put it off; a time that passed while the host was down is not made up for.
 */
export class ScheduleTrigger implements Trigger {
  readonly name: string;
  readonly #invoker: AsyncInvoker;
  readonly #world: Pick<World, 'now' | 'after'>;
  readonly #periodMs: number;
  readonly #input: unknown;
  #nextMs = 0;
  #cancel: Cancel | undefined;

  /** `invoker` is the trigger's own. */
  constructor(
    name: string,
    invoker: AsyncInvoker,
    world: Pick<World, 'now' | 'after'>,
    schedule: { readonly everySeconds: number; readonly input?: unknown },
  ) {
    this.name = name;
    this.#invoker = invoker;
    this.#world = world;
    this.#periodMs = schedule.everySeconds * 1000;
    this.#input = schedule.input;
  }

  get isBusy(): boolean {
    return this.#invoker.running > 0;
  }

  start(): void {
    const nowMs = this.#world.now();
    // A timer may run a moment early; the time that it stood for must not come twice. More than a moment is a clock that
    // was put back, for which the schedule must not stand still.
    const isEarly = this.#nextMs > nowMs && this.#nextMs - nowMs <= MOMENT_MS;
    const afterMs = isEarly ? this.#nextMs : nowMs;
    this.#nextMs = (Math.floor(afterMs / this.#periodMs) + 1) * this.#periodMs;
    this.#cancel = this.#world.after(this.#nextMs - nowMs, () => {
      this.#invoker.accept(this.#input ?? scheduledEvent(this.name, this.#world.now()), EVENT_BYTES);
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
