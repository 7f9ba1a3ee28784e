import { HOT_KEY_WRITE_UNITS } from '#shared/metering/key-heat.ts';
import { STEP_TEXT, UPDATE_STEPS } from '#shared/metering/steps.ts';
import { measureCost } from '../cost/cost-figures.ts';
import type { BenchRun, Figure } from './bench-run.ts';

/** Enough waves that what is done once in a rollout does not show; a wave is what comes within one second. */
const FLEET = { devices: 2_000, wave: 100, idleChecks: 1 };
/** How devices get their permits. */
const WAYS = [
  ['asked', 'in two steps'],
  ['direct', 'in one answer'],
] as const;
const BATCHES = `${FLEET.devices} devices, ${FLEET.wave} in a second, scaled`;
/** Everybody takes each step within the same second: what the keys of the tables have to bear. */
const BURST = { devices: 4_000, wave: 4_000, idleChecks: 0 };

/**
 * AWS list price of an update of a million devices and of a million idle checks, by the meter; and the hottest key when thousands
 * take each step within one second. Throws when a key is hotter than DynamoDB takes it.
 */
export async function benchCost({ progress }: BenchRun): Promise<Figure[]> {
  const updates: Figure[] = [];
  let idleDollars = 0;
  for (const [way, text] of WAYS) {
    const cost = await measureCost({ ...FLEET, way, progress });
    if (cost.good !== FLEET.devices) throw new Error(`${cost.good} of ${FLEET.devices} devices were updated`);
    idleDollars = cost.idleDollars;
    updates.push(
      one(`AWS list price: one update of a million devices, ${text}`, '$', cost.updateDollars, BATCHES),
      ...UPDATE_STEPS.map((step) => one(`- ${STEP_TEXT[step]}`, '$', cost.stepDollars[step])),
    );
  }
  const { hottest } = await measureCost({ ...BURST, way: 'asked', progress });
  const [key] = hottest;
  const figures = [
    ...updates,
    one('AWS list price: a million idle checks', '$', idleDollars, 'one every 86 ms'),
    one(
      'hottest key, write units in a second',
      'units',
      key?.writeUnits ?? 0,
      `${key?.key.split('#')[0]}#..., each step of ${BURST.devices} devices within one second`,
    ),
  ];
  if (key !== undefined && key.writeUnits > HOT_KEY_WRITE_UNITS) {
    throw new Error(
      `${key.table} ${key.key} takes ${key.writeUnits} write units in a second; more than ${HOT_KEY_WRITE_UNITS} are throttled`,
    );
  }
  return figures;
}

/** A figure of counts, which are the same each time. */
function one(name: string, unit: string, value: number, note?: string): Figure {
  return { name, unit, median: value, least: value, most: value, ...(note !== undefined && { note }) };
}
