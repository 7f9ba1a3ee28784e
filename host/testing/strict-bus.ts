import type { Bus } from '#shared/capabilities/bus.ts';
import type { World } from '#shared/world/world.ts';

/** How often a strict bus does what EventBridge may do; every rate is a share between 0 and 1. */
export interface StrictBusOptions {
  readonly world: World;
  /** Share of events that are not accepted and must be published again; a tenth unless told. */
  readonly unacceptedRate?: number;
  /** Share of events that are handed over twice; a tenth unless told. */
  readonly duplicateRate?: number;
}

/** The same bus, but events are accepted in part, and some are handed over twice and out of order. */
export function strictBus(bus: Bus, options: StrictBusOptions): Bus {
  const { world, unacceptedRate = 0.1, duplicateRate = 0.1 } = options;
  return {
    publish: async (events) => {
      const failed = events.flatMap((_, at) => (world.random() < unacceptedRate ? [at] : []));
      const accepted = events.filter((_, at) => !failed.includes(at));
      const twice = accepted.filter(() => world.random() < duplicateRate);
      await bus.publish([...accepted, ...twice]);
      return { failed };
    },
  };
}
