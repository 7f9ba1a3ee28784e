/** What AWS bills by the piece, as far as Evenkeel uses it; the price book has a price for each. */
export const BILLED_UNITS = [
  'iotMessages',
  'ruleTriggers',
  'ruleActions',
  'registryOperations',
  'queueRequests',
  'functionRequests',
  'functionGbSeconds',
  'tableWriteUnits',
  'tableReadUnits',
  'busEvents',
  'apiRequests',
  'bucketPuts',
  'bucketGets',
  'timerSchedules',
  'metricReads',
  'keyRequests',
] as const;
export type BilledUnit = (typeof BILLED_UNITS)[number];

/** So many of each unit; a unit that is absent was not used. Only GB-seconds and read units come in fractions. */
export type Usage = Readonly<Partial<Record<BilledUnit, number>>>;

/** The same while it is being counted: every unit is there. */
export type UsageCounts = Record<BilledUnit, number>;

/** Nothing used yet. */
export function noUsage(): UsageCounts {
  // A literal, so that all counts share one hidden class: they are added to on the path of every check.
  return {
    iotMessages: 0,
    ruleTriggers: 0,
    ruleActions: 0,
    registryOperations: 0,
    queueRequests: 0,
    functionRequests: 0,
    functionGbSeconds: 0,
    tableWriteUnits: 0,
    tableReadUnits: 0,
    busEvents: 0,
    apiRequests: 0,
    bucketPuts: 0,
    bucketGets: 0,
    timerSchedules: 0,
    metricReads: 0,
    keyRequests: 0,
  };
}

/** Adds `share` (1: all) of `usage` to `counts`. */
export function addUsage(counts: UsageCounts, usage: Usage, share = 1): void {
  for (const unit of BILLED_UNITS) {
    const amount = usage[unit];
    if (amount) counts[unit] += amount * share;
  }
}

/** The units that were used. */
export function usedUnits(counts: UsageCounts): Usage {
  return Object.fromEntries(Object.entries(counts).filter(([, amount]) => amount !== 0));
}
