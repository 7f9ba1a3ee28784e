import type { CostStep, CostTerm, RolloutCost } from '#shared/contracts/api/cost.ts';
import { BILLED_UNITS, type Usage } from './billed-unit.ts';
import { DURATION_TEXT } from './lambda-model.ts';
import { dollarsOf, PRICE_BOOK, PRICES_ARE } from './price-book.ts';
import { STANDING_COSTS } from './standing-costs.ts';
import { STEP_TEXT, UPDATE_STEPS } from './steps.ts';
import type { RolloutUsage, StepUsage } from './usage-reader.ts';

/** What a report is made from. */
export interface CostFacts {
  readonly rollout: string;
  readonly basis: RolloutCost['basis'];
  /** Permits granted. */
  readonly devices: number;
  readonly usage: RolloutUsage;
}

/** Steps that do not grow with the number of devices in proportion. */
const CONTROL = 'control';
/** What people would look for by another name than its function's. */
const MEANWHILE_TEXT: Readonly<Record<string, string>> = {
  checkForUpdate: 'idle checks',
  news: 'checks that tell news, such as a first one',
  wait: 'checks that are told to wait',
  onDeviceConnected: 'presence: connected',
  onDeviceDisconnected: 'presence: disconnected',
  recordInventory: 'inventories',
  tickRollouts: 'the tick of every minute',
  relayOutbox: 'events put on the bus',
};

/** The report of a rollout: what was used, at list prices, and what a million devices make of it. */
export function costReport({ rollout, basis, devices, usage }: CostFacts): RolloutCost {
  const own = UPDATE_STEPS.flatMap((step) => {
    const used = usage.steps[step];
    return used === undefined ? [] : [{ step, text: STEP_TEXT[step], used }];
  });
  const update = own
    .filter(({ step }) => step !== CONTROL)
    .map(({ step, text, used }) => stepOf(step, text, used, devices));
  const meanwhile = Object.entries(usage.meanwhile)
    .map(([step, used]) => stepOf(step, MEANWHILE_TEXT[step] ?? step, used, used.count))
    .sort((a, b) => b.dollars - a.dollars);
  return {
    rollout,
    basis,
    prices: PRICES_ARE,
    devices,
    ...(devices > 0 && {
      updateDollarsPerMillion: update.reduce((sum, { dollars }) => sum + dollars, 0) * (1e6 / devices),
    }),
    update,
    control: own
      .filter(({ step }) => step === CONTROL)
      .map(({ step, text, used }) => stepOf(step, text, used, 0)),
    meanwhile,
    standing: [...STANDING_COSTS],
    assumptions: ASSUMPTIONS,
  };
}

const ASSUMPTIONS = [
  DURATION_TEXT,
  'messages to devices go with QoS 0, below 5 KB: a publish and a delivery',
  'a queue is read ten messages at a time; empty receives of idle queues are not in it (0.26 dollars a queue and month)',
  'checks are not traced; of the functions that work in batches X-Ray takes five traces of a hundred, too few to show',
];

function stepOf(step: string, text: string, { count, usage }: StepUsage, per: number): CostStep {
  const dollars = dollarsOf(usage);
  return {
    step,
    text,
    count,
    dollars,
    ...(per > 0 && { dollarsPerMillion: dollars * (1e6 / per) }),
    terms: termsOf(usage),
  };
}

/** Terms that cost something, in the order of the price book. */
function termsOf(usage: Usage): CostTerm[] {
  return BILLED_UNITS.flatMap((unit) => {
    const units = usage[unit] ?? 0;
    const { term, dollarsPerMillion } = PRICE_BOOK[unit];
    return units === 0 ? [] : [{ term, units, dollars: (units * dollarsPerMillion) / 1e6 }];
  });
}
