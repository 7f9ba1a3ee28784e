import type { Bucket, Downloads, Uploads } from './bucket.ts';
import type { Bus } from './bus.ts';
import type { Clock } from './clock.ts';
import type { DeviceLink } from './device-link.ts';
import type { Identity } from './identity.ts';
import type { Ids } from './ids.ts';
import type { Queue } from './queue.ts';
import type { Table } from './table.ts';
import type { Timer } from './timer.ts';

/** Every capability by name. */
export interface Capabilities {
  readonly table: Table;
  readonly bucket: Bucket;
  readonly uploads: Uploads;
  readonly downloads: Downloads;
  readonly queue: Queue;
  readonly bus: Bus;
  readonly deviceLink: DeviceLink;
  readonly identity: Identity;
  readonly timer: Timer;
  readonly clock: Clock;
  readonly ids: Ids;
}

export type CapabilityName = keyof Capabilities;

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
  provide<Name extends CapabilityName>(name: Name, variable: string): Promise<Capabilities[Name]>;
  /** The text of one of the function's own environment variables; throws `ConfigurationError` when it is missing. */
  setting(variable: string): string;
  /** Where the function's counters go; absent: CloudWatch's embedded metric format on standard output. */
  readonly count?: CountMetric;
  /** Where the function's log goes; absent: standard output. */
  readonly writeLine?: WriteLine;
}
