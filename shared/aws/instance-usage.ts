import { Console } from 'node:console';
import type { Capabilities, CapabilityName } from '#shared/capabilities/home.ts';
import type { InstanceMeter } from '#shared/metering/instance-meter.ts';
import { InvocationMeter } from '#shared/metering/invocation-meter.ts';
import { METERED } from '#shared/metering/metered-capabilities.ts';
import type { World } from '#shared/world/world.ts';
import { UsageMetrics } from './usage-metrics.ts';

/** What the usage of an instance is metered with. */
export interface InstanceUsageParts {
  readonly service: string;
  readonly memoryMegabytes: number;
  readonly world: Pick<World, 'now' | 'monotonicMs'>;
  /** Takes a line of metrics; standard output unless told. */
  readonly write?: (line: string) => void;
}

/** A meter that does not care what an invocation was about. */
class InstanceUsage extends InvocationMeter {
  override concerns(): void {
    // Its metrics are of a service alone.
  }
}

/** The meter of one Lambda instance. Durations are those of the handler: the start of an instance is billed too and not seen. */
export function meterOfInstance({
  service,
  memoryMegabytes,
  world,
  write = lineWriter(),
}: InstanceUsageParts): InstanceMeter {
  let startedMs = 0;
  return new InstanceUsage({
    functionKey: service,
    memoryMegabytes,
    durationMs: () => world.monotonicMs() - startedMs,
    onBegin: () => {
      startedMs = world.monotonicMs();
    },
    sink: new UsageMetrics({ service, now: () => world.now(), write }),
  });
}

/** The capability with the meter around it. Tables count by themselves; time and identifiers call nobody. */
export function metered<Name extends CapabilityName>(
  name: Name,
  capability: Capabilities[Name],
  meter: InstanceMeter,
): Capabilities[Name] {
  // Not every capability has one: which have is not known of a type parameter.
  const around = (METERED as Partial<Record<CapabilityName, unknown>>)[name];
  if (around === undefined) return capability;
  // What stands under a capability's name meters that capability.
  return (around as (one: Capabilities[Name], meter: InstanceMeter) => Capabilities[Name])(capability, meter);
}

/** A console of our own, as Lambda's writes time and request before each line, which is no metric then. */
function lineWriter(): (line: string) => void {
  const { log } = new Console(process.stdout);
  return log;
}
