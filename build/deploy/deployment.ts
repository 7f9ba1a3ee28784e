import type { World } from '#shared/world/world.ts';
import type { AwsClients } from './aws-clients.ts';
import type { Progress } from './progress.ts';
import type { WhoAndWhere } from './who-and-where.ts';

/** What every step of deploying or removing a stage works with. */
export interface Deployment {
  readonly stage: string;
  readonly place: WhoAndWhere;
  readonly aws: AwsClients;
  readonly world: World;
  readonly progress: Progress;
}
