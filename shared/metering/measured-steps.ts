// biome-ignore-all lint/suspicious/noApproximativeNumericConstant: measured, whatever it comes near to
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
      functionGbSeconds: 0.004325,
      tableReadUnits: 1.53,
    },
    permit: {
      iotMessages: 2,
      ruleTriggers: 1,
      ruleActions: 1,
      queueRequests: 1.21,
      functionRequests: 0.01,
      functionGbSeconds: 0.003097,
      tableWriteUnits: 3.141,
      tableReadUnits: 1.0905,
    },
    report: {
      ruleTriggers: 1,
      ruleActions: 1,
      queueRequests: 1.21,
      functionRequests: 0.01,
      functionGbSeconds: 0.001782,
      tableWriteUnits: 1.05,
      tableReadUnits: 1.01,
    },
    proof: {
      ruleTriggers: 1,
      ruleActions: 1,
      queueRequests: 1.21,
      functionRequests: 0.01,
      functionGbSeconds: 0.000533,
      tableWriteUnits: 2.1,
      tableReadUnits: 1.01,
    },
    log: {
      queueRequests: 0.02,
      functionRequests: 0.01,
      functionGbSeconds: 0.000445,
      bucketPuts: 0.01,
    },
    control: {
      queueRequests: 0.132,
      functionRequests: 0.0565,
      functionGbSeconds: 0.000807,
      tableWriteUnits: 0.1395,
      tableReadUnits: 1.346,
      apiRequests: 0.0005,
      keyRequests: 0.0015,
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
