import type { Fleet } from '#device/fleet/fleet.ts';
import type { World } from '#shared/world/world.ts';
import type { SigningKey } from '../cli/actions/signing-keys.ts';
import type { ApiClient } from '../cli/api-client.ts';
import type { Promises } from './promises.ts';
import type { Stage } from './stage.ts';

/** What the demo's devices are, and what they run in which act. */
export const PRODUCT = 'cam';
/** Their board. */
export const HARDWARE = 'cam-rev-b';
/** What they leave the factory with. */
export const FACTORY = '1.0.0';
/** The release of the first act, which reaches all. */
export const GOOD = '2.0.0';
/** The release of the second act, which halts itself. */
export const BAD = '3.0.0';
/** Time between two looks at a rollout. */
export const LOOK_EVERY_MS = 500;

/** Everybody who plays in an act of the demo. */
export interface Cast {
  readonly client: ApiClient;
  readonly key: SigningKey;
  readonly fleet: Fleet;
  readonly promises: Promises;
  readonly stage: Stage;
  readonly world: World;
}
