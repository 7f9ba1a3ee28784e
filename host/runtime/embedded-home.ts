import type { Capabilities, CapabilityName, Home, WriteLine } from '#shared/capabilities/home.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import { guarded, type Rights } from './guarded.ts';
import type { Lease } from './lease.ts';
import { type GuardedName, RIGHTS } from './rights-of-calls.ts';

/** A capability over one resource, and the ARN that statements name the resource by. */
export interface Resource<Name extends GuardedName> {
  readonly capability: Capabilities[Name];
  readonly arn: string;
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
  /** Counters of the function since the host started. */
  readonly metrics: Map<string, number>;
}

/** The home of one instance: what its function's environment names, as far as its statements allow. */
export class EmbeddedHome implements Home {
  readonly writeLine: WriteLine;
  readonly #shared: FunctionHome;
  readonly #lease: Lease;

  constructor(shared: FunctionHome, lease: Lease) {
    this.#shared = shared;
    this.#lease = lease;
    this.writeLine = shared.writeLine;
  }

  count(metric: string, value: number): void {
    const { metrics } = this.#shared;
    metrics.set(metric, (metrics.get(metric) ?? 0) + value);
  }

  async provide<Name extends CapabilityName>(name: Name, variable: string): Promise<Capabilities[Name]> {
    // The compiler does not narrow a type parameter by the value of its argument.
    if (name === 'clock') return this.#shared.clock as Capabilities[Name];
    if (name === 'ids') return this.#shared.ids as Capabilities[Name];
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
    return guarded(resource.capability, RIGHTS[name](resource.arn), rights, this.#lease);
  }
}
