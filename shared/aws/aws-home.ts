import type { AwsSource, Capabilities, CapabilityName, Home, LoadForAws } from '#shared/capabilities/home.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import type { InstanceMeter } from '#shared/metering/instance-meter.ts';
import { realWorld } from '#shared/world/real-world.ts';
import type { World } from '#shared/world/world.ts';
import { metered, meterOfInstance } from './instance-usage.ts';

/** What an AWS home stands on: the variables of its function, and the world. */
export interface AwsHomeParts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly world: World;
  /** Takes lines of metrics; standard output unless told. */
  readonly write?: (line: string) => void;
}

/** The AWS home: capabilities on AWS SDK v3, settings from the environment of the Lambda function. */
export function awsHome(parts: AwsHomeParts = { environment: process.env, world: realWorld }): Home {
  const { environment, world } = parts;
  const clients = new Map<() => unknown, unknown>();
  const share: AwsSource['share'] = <Client>(make: () => Client): Client => {
    if (!clients.has(make)) clients.set(make, make());
    // What is kept under `make` was made by it.
    return clients.get(make) as Client;
  };
  // A variable that is set to nothing names no resource: it is as good as missing.
  const optional = (variable: string) => environment[variable] || undefined;
  const setting = (variable: string): string => {
    const text = optional(variable);
    if (text !== undefined) return text;
    throw new ConfigurationError(`the function has no environment variable ${variable}`);
  };
  const meter = meterOf(parts, optional);
  return {
    setting,
    ...(meter !== undefined && { meter }),
    async provide<Name extends CapabilityName>(
      name: Name,
      variable: string,
      load: LoadForAws<Name>,
    ): Promise<Capabilities[Name]> {
      const resource = needsNoVariable(name) ? '' : setting(variable);
      const { open } = await load();
      const source = { resource, variable, optional, setting, world, share };
      if (meter === undefined) return open(source);
      return metered(name, open({ ...source, bill: (unit, amount) => meter.bill(unit, amount) }), meter);
    },
  };
}

/** The meter of this instance. Without Lambda's word on its memory nothing is billed, and nothing metered. */
function meterOf(
  { world, write }: AwsHomeParts,
  optional: (variable: string) => string | undefined,
): InstanceMeter | undefined {
  const memory = optional('AWS_LAMBDA_FUNCTION_MEMORY_SIZE');
  const service = optional('SERVICE');
  if (memory === undefined || service === undefined) return undefined;
  return meterOfInstance({ service, memoryMegabytes: Number(memory), world, ...(write && { write }) });
}

/** Time and identifiers are the same everywhere. */
function needsNoVariable(name: CapabilityName): boolean {
  return name === 'clock' || name === 'ids' || name === 'usage';
}
