import type { Capabilities, CapabilityName, Home, WriteLine } from '#shared/capabilities/home.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import type { InstanceMeter } from '#shared/metering/instance-meter.ts';
import { METERED } from '#shared/metering/metered-capabilities.ts';
import { meteredTable, type TableFacts } from '#shared/metering/metered-table.ts';
import { guarded, type Rights } from './guarded.ts';
import type { Lease } from './lease.ts';
import { type GuardedName, RIGHTS } from './rights-of-calls.ts';

/** A capability over one resource, and the ARN that statements name the resource by. */
export interface Resource<Name extends GuardedName> {
  readonly capability: Capabilities[Name];
  readonly arn: string;
  /** What the meter must know of a table. */
  readonly facts?: TableFacts;
}

/** The resources of this home by the text that environment variables name them by. */
export interface Resources {
  find<Name extends GuardedName>(name: Name, text: string): Resource<Name> | undefined;
}

/** What the instances of one function share. */
export interface FunctionHome {
  readonly functionName: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly rights: Rights;
  readonly resources: Resources;
  readonly clock: Capabilities['clock'];
  readonly ids: Capabilities['ids'];
  readonly writeLine: WriteLine;
  readonly usage: Capabilities['usage'];
  /** A meter for one instance; absent: what the function uses is not metered. */
  readonly newMeter?: () => InstanceMeter;
  /** Counters of the function since the host started. */
  readonly metrics: Map<string, number>;
}

/** The home of one instance: what its function's environment names, as far as its statements allow. */
export class EmbeddedHome implements Home {
  readonly writeLine: WriteLine;
  readonly meter?: InstanceMeter;
  readonly #shared: FunctionHome;
  readonly #lease: Lease;

  constructor(shared: FunctionHome, lease: Lease) {
    this.#shared = shared;
    this.#lease = lease;
    this.writeLine = shared.writeLine;
    if (shared.newMeter !== undefined) this.meter = shared.newMeter();
  }

  count(metric: string, value: number): void {
    const { metrics } = this.#shared;
    metrics.set(metric, (metrics.get(metric) ?? 0) + value);
  }

  async provide<Name extends CapabilityName>(name: Name, variable: string): Promise<Capabilities[Name]> {
    // The compiler does not narrow a type parameter by the value of its argument.
    if (name === 'clock') return this.#shared.clock as Capabilities[Name];
    if (name === 'ids') return this.#shared.ids as Capabilities[Name];
    if (name === 'usage') return this.#shared.usage as Capabilities[Name];
    return this.#guarded(name as GuardedName, variable) as Capabilities[Name];
  }

  setting(variable: string): string {
    const text = this.#shared.environment[variable];
    if (text === undefined) {
      throw new ConfigurationError(`${this.#shared.functionName} has no environment variable ${variable}`);
    }
    return text;
  }

  #guarded<Name extends GuardedName>(name: Name, variable: string): Capabilities[Name] {
    const { resources, rights, functionName } = this.#shared;
    const text = this.setting(variable);
    const resource = resources.find(name, text);
    if (resource === undefined) {
      throw new ConfigurationError(
        `${functionName}: ${variable} is ${text}, which is no ${name} of this home`,
      );
    }
    const capability = this.#metered(name, resource);
    return guarded(capability, RIGHTS[name](resource.arn), rights, this.#lease);
  }

  /** The capability with this instance's meter around it. */
  #metered<Name extends GuardedName>(name: Name, { capability, facts }: Resource<Name>): Capabilities[Name] {
    const { meter } = this;
    if (meter === undefined) return capability;
    if (name !== 'table') {
      // The compiler does not narrow a type parameter: `METERED` has every guarded name but the table's.
      const metered = METERED[name as Exclude<GuardedName, 'table'>] as unknown as MeteringOf<Name>;
      return metered(capability, meter);
    }
    if (facts === undefined) return capability;
    // As above: here the name is `table`.
    return meteredTable(capability as Capabilities['table'], meter, facts) as Capabilities[Name];
  }
}

type MeteringOf<Name extends GuardedName> = (
  capability: Capabilities[Name],
  meter: InstanceMeter,
) => Capabilities[Name];
