import type { Moment } from '../model/watch-devices.ts';
import type { Chance } from './chance.ts';
import type { Stage } from './stage.ts';

/** Since a device holds a permit. */
const OF_AN_ATTEMPT: readonly Moment[] = ['granted', 'began', 'rebooting', 'good'];
/** Just before, in the same instant, or just after the world learns of it. */
const AROUND_MS = 2_000;

/** Lets somebody act around any moment of a device's update, from its offer on. */
export function atAnyMoment(
  stage: Stage,
  chance: Chance,
  act: (tenant: string, thing: string) => Promise<void>,
): void {
  stage.onMoment((thing, moment) => {
    if (!chance.happens(`when ${thing} is ${moment}`)) return;
    const [tenant = ''] = thing.split(':');
    chance.world.after(chance.upTo(AROUND_MS), () => void act(tenant, thing));
  });
}

/** Lets somebody call the API about the rollout that a device takes part in, at the worst moment there is. */
export function atTheWorstMoment(
  stage: Stage,
  chance: Chance,
  act: (rollout: string, tenant: string, thing: string) => Promise<void>,
): void {
  stage.onMoment((thing, moment) => {
    const rollout = stage.rolloutOf(thing);
    if (rollout === undefined || !OF_AN_ATTEMPT.includes(moment)) return;
    if (!chance.happens(`when ${thing} is ${moment}`)) return;
    chance.world.after(chance.upTo(AROUND_MS), () => void act(rollout.id, rollout.tenant, thing));
  });
}
