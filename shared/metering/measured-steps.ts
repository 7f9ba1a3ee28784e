import type { Usage } from './billed-unit.ts';

/** Units of each step of an update per device, and of an idle check; written by `npm run cost`. */
export const MEASURED: {
  readonly perDevice: Readonly<Record<string, Usage>>;
  readonly perIdleCheck: Usage;
} = {
  perDevice: {
    offer: {
      iotMessages: 2,
      ruleTriggers: 1,
      ruleActions: 1,
      functionRequests: 1,
      functionGbSeconds: 0.004254,
      tableReadUnits: 1.5015,
    },
    permit: {
      iotMessages: 2,
      ruleTriggers: 1,
      ruleActions: 1,
      queueRequests: 1.21,
      functionRequests: 0.01,
      functionGbSeconds: 0.001884,
      tableWriteUnits: 4.181,
      tableReadUnits: 2.1005,
    },
    report: {
      ruleTriggers: 1,
      ruleActions: 1,
      queueRequests: 1.22,
      functionRequests: 0.01,
      functionGbSeconds: 0.000545,
      tableWriteUnits: 2.2,
      tableReadUnits: 1.01,
    },
    proof: {
      ruleTriggers: 1,
      ruleActions: 1,
      queueRequests: 1.21,
      functionRequests: 1.01,
      functionGbSeconds: 0.00362,
      tableWriteUnits: 4.1,
      tableReadUnits: 2.54,
    },
    log: {
      queueRequests: 0.02,
      functionRequests: 0.01,
      functionGbSeconds: 0.000445,
      bucketPuts: 0.01,
    },
    control: {
      queueRequests: 0.15,
      functionRequests: 0.064,
      functionGbSeconds: 0.000901,
      tableWriteUnits: 0.1575,
      tableReadUnits: 1.4175,
      apiRequests: 0.0005,
    },
  },
  perIdleCheck: {
    ruleTriggers: 1,
    ruleActions: 1,
    functionRequests: 1,
    functionGbSeconds: 0.001802,
    tableReadUnits: 0.521,
  },
};
