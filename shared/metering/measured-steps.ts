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
      queueRequests: 1.22,
      functionRequests: 0.01,
      functionGbSeconds: 0.001897,
      tableWriteUnits: 5.061,
      tableReadUnits: 2.1005,
    },
    report: {
      iotMessages: 2,
      ruleTriggers: 2,
      ruleActions: 2,
      queueRequests: 2.42,
      functionRequests: 0.02,
      functionGbSeconds: 0.002327,
      tableWriteUnits: 4.2,
      tableReadUnits: 2.03,
    },
    proof: {
      ruleTriggers: 1,
      ruleActions: 1,
      queueRequests: 1.21,
      functionRequests: 1.01,
      functionGbSeconds: 0.00362,
      tableWriteUnits: 5.1,
      tableReadUnits: 2.54,
    },
    log: {
      ruleActions: 2,
      queueRequests: 2.4,
      functionRequests: 0.02,
      functionGbSeconds: 0.00089,
      bucketPuts: 0.02,
    },
    control: {
      queueRequests: 0.1915,
      functionRequests: 0.0805,
      functionGbSeconds: 0.001372,
      tableWriteUnits: 0.1785,
      tableReadUnits: 1.7395,
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
