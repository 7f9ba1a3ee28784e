import type { Cancel, World } from '#shared/world/world.ts';
import type { HostLog } from './host-log.ts';

/** Events are lost by thousands or not at all: one line tells of all in such a time. */
const TELL_AFTER_MS = 10_000;

/** Why an event was not looked at, as the line counts it. */
export type LossKind = 'dropped' | 'timedOut' | 'beyondShare';

/** Says in one line what a function has lost within ten seconds. */
export class LossReport {
  readonly #function: string;
  readonly #world: Pick<World, 'after'>;
  readonly #log: HostLog;
  #counts: Partial<Record<LossKind, number>> = {};
  #sender: string | undefined;
  #cancel: Cancel | undefined;

  constructor(functionName: string, world: Pick<World, 'after'>, log: HostLog) {
    this.#function = functionName;
    this.#world = world;
    this.#log = log;
  }

  /** Counts one more; `sender` where it is to blame. */
  add(kind: LossKind, sender?: string): void {
    this.#counts[kind] = (this.#counts[kind] ?? 0) + 1;
    this.#sender = sender ?? this.#sender;
    this.#cancel ??= this.#world.after(TELL_AFTER_MS, () => this.tell());
  }

  /** Says now what was not said yet. */
  tell(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (Object.keys(this.#counts).length === 0) return;
    this.#log.warn('more is asked than can be answered', {
      function: this.#function,
      ...this.#counts,
      client: this.#sender,
    });
    this.#counts = {};
    this.#sender = undefined;
  }
}
