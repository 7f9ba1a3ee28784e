/** An event for the bus, as EventBridge takes it: `detail` is an object of at most 200 KB as JSON. */
export interface BusEvent {
  /** Unique for ever: the outbox id; consumers drop repeats by it. */
  readonly id: string;
  /** `evenkeel.<service>`. */
  readonly source: string;
  /** Past tense, `RolloutHalted`. */
  readonly type: string;
  readonly detail: { readonly [name: string]: unknown };
}

/** Where services tell each other what has happened. At least once, in no order. */
export interface Bus {
  /** Answers the positions of the events that were not accepted and must be published again (PutEvents is item by item). */
  publish(events: readonly BusEvent[]): Promise<{ readonly failed: readonly number[] }>;
}
