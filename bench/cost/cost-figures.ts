import { BILLED_UNITS, type BilledUnit, type Usage } from '#shared/metering/billed-unit.ts';
import type { HottestKey } from '#shared/metering/key-heat.ts';
import { dollarsOf } from '#shared/metering/price-book.ts';
import { UPDATE_STEPS, type UpdateStep } from '#shared/metering/steps.ts';
import { type MeteredFleet, meterUpdate } from './metered-update.ts';

/** What an update was measured to take. */
export interface CostFigures {
  readonly fleet: MeteredFleet;
  readonly good: number;
  /** Units of each step for one device; control is shared out evenly. */
  readonly perDevice: Readonly<Record<UpdateStep, Usage>>;
  readonly perIdleCheck: Usage;
  /** Dollars for a million devices, control included. */
  readonly updateDollars: number;
  readonly stepDollars: Readonly<Record<UpdateStep, number>>;
  /** Dollars for a million idle checks. */
  readonly idleDollars: number;
  readonly hottest: readonly HottestKey[];
}

/** Meters one update of that fleet and divides it by its devices. */
export async function measureCost(fleet: MeteredFleet): Promise<CostFigures> {
  const { usage, good, hottest } = await meterUpdate(fleet);
  const perDevice = Object.fromEntries(
    UPDATE_STEPS.map((step) => [step, divided(usage.steps[step]?.usage ?? {}, fleet.devices)]),
  ) as Record<UpdateStep, Usage>;
  const idle = usage.meanwhile.checkForUpdate;
  const perIdleCheck = divided(idle?.usage ?? {}, idle?.count ?? 1);
  const stepDollars = Object.fromEntries(
    UPDATE_STEPS.map((step) => [step, dollarsOf(perDevice[step]) * 1e6]),
  ) as Record<UpdateStep, number>;
  return {
    fleet,
    good,
    perDevice,
    perIdleCheck,
    stepDollars,
    updateDollars: Object.values(stepDollars).reduce((sum, one) => sum + one, 0),
    idleDollars: dollarsOf(perIdleCheck) * 1e6,
    hottest,
  };
}

function divided(usage: Usage, by: number): Usage {
  const used: Partial<Record<BilledUnit, number>> = {};
  for (const unit of BILLED_UNITS) {
    const amount = usage[unit];
    // Six digits behind the point: a unit in a million devices.
    if (amount) used[unit] = Number((amount / by).toFixed(6));
  }
  return used;
}
