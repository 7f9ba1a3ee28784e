import type { Chance } from './chance.ts';
import { nowAndThen } from './devices.ts';
import type { Fault } from './fault.ts';
import { crashFor } from './host.ts';
import type { Stage } from './stage.ts';

const MINUTE_MS = 60_000;

/** By how much a clock is set: minutes, an hour, a day. What a time server sets by seconds does nothing (docs/operations.md). */
const LEAPS_MS = [1.5 * MINUTE_MS, 5 * MINUTE_MS, 60 * MINUTE_MS, 24 * 60 * MINUTE_MS] as const;

/** Sets it while the host is off, after a crash, or while it runs. */
function setClock(stage: Stage, chance: Chance, byMs: number): void {
  const { host } = stage;
  if (!chance.isArmed) return;
  const isOff = chance.stream.happens(0.3);
  const set = () => {
    if (!chance.isArmed || host.isUp === isOff) return;
    chance.fired(`by ${byMs / 1_000} s`);
    host.setClock(byMs);
  };
  if (isOff && host.isUp) crashFor(stage, chance, chance.upTo(MINUTE_MS));
  chance.world.after(0, set);
}

export const clockLeaps: Fault = {
  name: 'host-clock-leaps',
  what: "the host's clock is set ahead, or back, by up to a day, while it runs or while it is off",
  most: 8,
  atWork: 0.4,
  begin: (stage, chance) =>
    nowAndThen(stage, chance, () => {
      if (!stage.host.isUp) return;
      const byMs = chance.stream.pick(LEAPS_MS) * (chance.stream.happens(0.7) ? 1 : -1);
      setClock(stage, chance, byMs);
      if (byMs < 0 || chance.stream.happens(0.4)) return;
      chance.world.after(chance.upTo(5 * MINUTE_MS), () => setClock(stage, chance, -byMs));
    }),
};
