import type { WriteLine } from '#shared/capabilities/home.ts';
import type { World } from '#shared/world/world.ts';
import type { NotifyTarget } from '../notify/target.ts';
import type { Wrap } from '../runtime/resources.ts';
import type { Services } from '../serverless/read-services.ts';

/** What a host serves, where, and for whom. */
export interface ServeOptions {
  readonly services: Services;
  /** Where everything is kept; one process at a time. */
  readonly directory: string;
  /** The address to listen on. */
  readonly address: string;
  /** 0: any port that is free. */
  readonly mqttPort: number;
  readonly httpPort: number;
  /** The name by which devices and people reach this machine; URLs and the server's certificate say it. */
  readonly name: string;
  /** Whose admin token is made at the first start. */
  readonly tenant: string;
  /** The id of the key that is to seal the audit logs in place of one that is lost; none may unless told. */
  readonly newSealKey?: string;
  readonly world: World;
  readonly writeLine: WriteLine;
  /** Told once, when writes were lost: the process has to end at once. */
  readonly onFatal: (error: unknown) => void;
  readonly wrap?: Wrap;
  /** Whom to tell of what needs a person; nobody unless told. */
  readonly notify?: NotifyTarget;
  /** Where this machine may read metrics, without TLS or token (0: any port that is free); nowhere unless told. */
  readonly metricsPort?: number;
  /** How many files this process may have open; what the system says unless told. */
  readonly openFiles?: number;
}
