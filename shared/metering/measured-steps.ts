// biome-ignore-all lint/suspicious/noApproximativeNumericConstant: measured, whatever it comes near to
import type { Usage } from './billed-unit.ts';
import type { UpdateWay } from './steps.ts';

/** Units of each step of an update per device, in each way, and of an idle check; written by `npm run cost`. */
export const MEASURED: {
  readonly perDevice: Readonly<Record<UpdateWay, Readonly<Record<string, Usage>>>>;
  readonly perIdleCheck: Usage;
} = {
  perDevice: {
    asked: {
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
        functionGbSeconds: 0.003096,
        tableWriteUnits: 3.1405,
        tableReadUnits: 1.09025,
      },
      report: {
        ruleTriggers: 1,
        ruleActions: 1,
        queueRequests: 1.21,
        functionRequests: 0.01,
        functionGbSeconds: 0.001783,
        tableWriteUnits: 1.05,
        tableReadUnits: 1.01,
      },
      proof: {
        ruleTriggers: 1,
        ruleActions: 1,
        queueRequests: 1.21,
        functionRequests: 0.01,
        functionGbSeconds: 0.000545,
        tableWriteUnits: 2.1,
        tableReadUnits: 1.02,
      },
      log: {
        queueRequests: 0.02,
        functionRequests: 0.01,
        functionGbSeconds: 0.000445,
        bucketPuts: 0.01,
      },
      control: {
        queueRequests: 0.0815,
        functionRequests: 0.034417,
        functionGbSeconds: 0.00065,
        tableWriteUnits: 0.081333,
        tableReadUnits: 1.399042,
        apiRequests: 0.00025,
        keyRequests: 0.000417,
      },
    },
    direct: {
      offer: {
        ruleTriggers: 1,
        ruleActions: 1,
        queueRequests: 1,
        functionRequests: 1,
        functionGbSeconds: 0.003075,
        tableReadUnits: 0.53,
      },
      permit: {
        iotMessages: 2,
        queueRequests: 0.21,
        functionRequests: 0.01,
        functionGbSeconds: 0.003096,
        tableWriteUnits: 3.1405,
        tableReadUnits: 1.09025,
      },
      report: {},
      proof: {
        ruleTriggers: 1,
        ruleActions: 1,
        queueRequests: 1.21,
        functionRequests: 0.01,
        functionGbSeconds: 0.000545,
        tableWriteUnits: 2.1,
        tableReadUnits: 1.02,
      },
      log: {},
      control: {
        queueRequests: 0.054,
        functionRequests: 0.024417,
        functionGbSeconds: 0.000497,
        tableWriteUnits: 0.024333,
        tableReadUnits: 1.164042,
        apiRequests: 0.00025,
        keyRequests: 0.000417,
      },
    },
  },
  perIdleCheck: {
    ruleTriggers: 1,
    ruleActions: 1,
    functionRequests: 1,
    functionGbSeconds: 0.001802,
    tableReadUnits: 0.520875,
  },
};
