import type { AwsSource } from '#shared/capabilities/home.ts';
import type { Ids } from '#shared/capabilities/ids.ts';
import { Ulids } from '#shared/world/ulids.ts';

/** ULIDs from the world's time and chance. */
export function open({ world }: Pick<AwsSource, 'world'>): Ids {
  return new Ulids(world);
}
