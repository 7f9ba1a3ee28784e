import type { Capabilities, CapabilityName } from '#shared/capabilities/home.ts';
import type { Item, Key } from '#shared/capabilities/table.ts';
import type { InstanceMeter } from '#shared/metering/instance-meter.ts';
import { InvocationMeter } from '#shared/metering/invocation-meter.ts';
import { METERED } from '#shared/metering/metered-capabilities.ts';
import { meteredTable } from '#shared/metering/metered-table.ts';
import type { BilledIndex } from '#shared/metering/table-units.ts';
import type { World } from '#shared/world/world.ts';
import { UsageMetrics } from './usage-metrics.ts';

/** What the usage of an instance is metered with. */
export interface InstanceUsageParts {
  readonly service: string;
  readonly memoryMegabytes: number;
  readonly world: Pick<World, 'now' | 'monotonicMs'>;
  readonly write: (line: string) => void;
}

/** The meter of one Lambda instance, and its capabilities with that meter around them. */
export class InstanceUsage {
  readonly meter: InstanceMeter;
  /** Items that this invocation has read: what it writes, it has read before. */
  readonly #seen = new Map<string, Item>();
  #startedMs = 0;

  constructor({ service, memoryMegabytes, world, write }: InstanceUsageParts) {
    this.meter = new InvocationMeter({
      functionKey: service,
      memoryMegabytes,
      durationMs: () => world.monotonicMs() - this.#startedMs,
      onBegin: () => {
        this.#startedMs = world.monotonicMs();
        this.#seen.clear();
      },
      sink: new UsageMetrics({ service, now: () => world.now(), write }),
    });
  }

  /** The capability over `resource`, metered; time, identifiers and what calls nobody stay as they are. */
  around<Name extends CapabilityName>(
    name: Name,
    capability: Capabilities[Name],
    resource: string,
    indexes: readonly BilledIndex[],
  ): Capabilities[Name] {
    if (name === 'table') {
      const facts = {
        name: resource,
        indexes,
        before: ({ pk, sk }: Key) => this.#seen.get(`${resource} ${pk} ${sk}`),
        saw: (items: readonly (Item | undefined)[]) => {
          for (const item of items) if (item) this.#seen.set(`${resource} ${item.pk} ${item.sk}`, item);
        },
      };
      // The compiler does not narrow a type parameter by the value of its argument.
      return meteredTable(capability as Capabilities['table'], this.meter, facts) as Capabilities[Name];
    }
    const metering = (METERED as Partial<Record<CapabilityName, unknown>>)[name];
    if (metering === undefined) return capability;
    // What stands under a capability's name meters that capability.
    return (metering as (one: Capabilities[Name], meter: InstanceMeter) => Capabilities[Name])(
      capability,
      this.meter,
    );
  }
}
