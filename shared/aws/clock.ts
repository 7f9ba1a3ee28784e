import type { Clock } from '#shared/capabilities/clock.ts';
import type { AwsSource } from '#shared/capabilities/home.ts';
import { pause } from '#shared/world/world.ts';

/** The function's clock: the world's. */
export function open({ world }: Pick<AwsSource, 'world'>): Clock {
  return { now: () => world.now(), pause: (delayMs) => pause(world, delayMs) };
}
