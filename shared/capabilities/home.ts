import type { InstanceMeter } from '#shared/metering/instance-meter.ts';
import type { UsageReader } from '#shared/metering/usage-reader.ts';
import type { World } from '#shared/world/world.ts';
import type { Backlog } from './backlog.ts';
import type { Bucket, Downloads, Uploads } from './bucket.ts';
import type { Bus } from './bus.ts';
import type { Clock } from './clock.ts';
import type { DeviceLink } from './device-link.ts';
import type { Identity } from './identity.ts';
import type { Ids } from './ids.ts';
import type { Queue } from './queue.ts';
import type { Signer } from './signer.ts';
import type { Table } from './table.ts';
import type { Timer } from './timer.ts';

/** Every capability by name. */
export interface Capabilities {
  readonly table: Table;
  readonly bucket: Bucket;
  readonly uploads: Uploads;
  readonly downloads: Downloads;
  readonly queue: Queue;
  readonly backlog: Backlog;
  readonly bus: Bus;
  readonly deviceLink: DeviceLink;
  readonly identity: Identity;
  readonly timer: Timer;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly usage: UsageReader;
}

/** What a need may name. */
export type CapabilityName = keyof Capabilities;

/** What the AWS home opens a capability with. */
export interface AwsSource {
  /** What the need's environment variable says: the name, URL or address of the resource. */
  readonly resource: string;
  /** Name of that variable; settings that belong to it begin with it. */
  readonly variable: string;
  /** Another environment variable of the function; `undefined` when it has none. */
  optional(variable: string): string | undefined;
  /** The same; throws `ConfigurationError` naming it when it is missing. */
  setting(variable: string): string;
  readonly world: World;
  /** One client for all capabilities of the function that are made by the same `make`: one pool of connections. */
  share<Client>(make: () => Client): Client;
  /** Counts units that only the capability itself learns of; absent: nobody counts. */
  readonly bill?: InstanceMeter['bill'];
}

/**
 * Loads a capability's module for AWS. Every need brings its own, so that a bundle holds only the clients that the needs
 * of its function name; other homes do not call it.
 */
export type LoadForAws<Name extends CapabilityName> = () => Promise<{
  open(source: AwsSource): Capabilities[Name];
}>;

/** Where log lines and metric lines go: one JSON text each. */
export type WriteLine = (line: string) => void;

/** Adds to a counter of a service, by name. */
export type CountMetric = (metric: string, value: number) => void;

/** A place where functions run. It gives a function what the function names, and nothing else. */
export interface Home {
  /**
   * The capability over the resource that the function's environment variable `variable` names. Throws
   * `ConfigurationError` when the function has no such variable.
   */
  provide<Name extends CapabilityName>(
    name: Name,
    variable: string,
    load: LoadForAws<Name>,
  ): Promise<Capabilities[Name]>;
  /** The text of one of the function's own environment variables; throws `ConfigurationError` when it is missing. */
  setting(variable: string): string;
  /** Where the function's counters go; absent: CloudWatch's embedded metric format on standard output. */
  readonly count?: CountMetric;
  /** Where the function's log goes; absent: standard output. */
  readonly writeLine?: WriteLine;
  /** Counts what AWS bills of this instance; absent: nobody does. */
  readonly meter?: InstanceMeter;
}
