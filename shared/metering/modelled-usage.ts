import type { Usage } from './billed-unit.ts';
import { MEASURED } from './measured-steps.ts';
import type { UpdateWay } from './steps.ts';
import type { RolloutUsage, StepUsage } from './usage-reader.ts';

/** What a rollout with so many permits has used, by the measured units of each step; every device is taken to have gone all the way. */
export function modelledUsage(devices: number, way: UpdateWay): RolloutUsage {
  const times = (usage: Usage, factor: number): StepUsage => ({
    count: factor,
    usage: Object.fromEntries(Object.entries(usage).map(([unit, amount]) => [unit, amount * factor])),
  });
  return {
    steps: Object.fromEntries(
      Object.entries(MEASURED.perDevice[way]).map(([step, usage]) => [step, times(usage, devices)]),
    ),
    meanwhile: { checkForUpdate: times(MEASURED.perIdleCheck, 1) },
  };
}
