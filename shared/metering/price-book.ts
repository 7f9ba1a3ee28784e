import type { BilledUnit, Usage } from './billed-unit.ts';

/** Where a price was read: in AWS's own text, in somebody else's account of it, or from memory. */
export type PriceSource = 'vendor' | 'secondary' | 'memory';

/** The list price of one unit. */
export interface Price {
  /** The service and what it bills, as its bill says it. */
  readonly term: string;
  readonly dollarsPerMillion: number;
  readonly source: PriceSource;
  /** How AWS counts it, and what of its tiers is left out. */
  readonly rule: string;
}

/** Which prices these are, printed with every figure. */
export const PRICES_ARE = 'AWS list prices in US dollars, us-east-1, November 2026, first tier, no free tier';

/**
 * The price book: pure data. Sources: the pricing pages of AWS IoT Core, Lambda, DynamoDB, SQS, EventBridge, API Gateway, S3
 * (aws.amazon.com/<service>/pricing), read for us-east-1 in November 2026 where `source` is `vendor`; what could only be read
 * in others' accounts of those pages is `secondary`; `memory` is what no text was at hand for. Check both before you budget.
 */
export const PRICE_BOOK: Readonly<Record<BilledUnit, Price>> = {
  iotMessages: {
    term: 'IoT Core messages',
    dollarsPerMillion: 1,
    source: 'vendor',
    rule: 'in steps of 5 KB: CONNECT, SUBSCRIBE, publishes in and out, PUBACK of a device; Basic Ingest is free; a reply of a function is its HTTP publish and the delivery; 0.80 beyond a billion a month',
  },
  ruleTriggers: {
    term: 'IoT Core rules triggered',
    dollarsPerMillion: 0.15,
    source: 'secondary',
    rule: 'each rule that takes a message, in steps of 5 KB',
  },
  ruleActions: {
    term: 'IoT Core rule actions',
    dollarsPerMillion: 0.15,
    source: 'secondary',
    rule: 'each action of a rule that takes a message, in steps of 5 KB',
  },
  registryOperations: {
    term: 'IoT Core registry operations',
    dollarsPerMillion: 1.25,
    source: 'vendor',
    rule: 'each create, read, update and attach of a thing, in steps of 1 KB',
  },
  queueRequests: {
    term: 'SQS requests',
    dollarsPerMillion: 0.4,
    source: 'secondary',
    rule: 'a batch of up to 10 messages and 64 KB is one; sends, receives and deletes count',
  },
  functionRequests: {
    term: 'Lambda requests',
    dollarsPerMillion: 0.2,
    source: 'vendor',
    rule: 'each invocation, also one that fails',
  },
  functionGbSeconds: {
    term: 'Lambda GB-seconds',
    dollarsPerMillion: 13.3334,
    source: 'secondary',
    rule: 'arm64, memory times duration in steps of 1 ms',
  },
  tableWriteUnits: {
    term: 'DynamoDB write units',
    dollarsPerMillion: 0.625,
    source: 'secondary',
    rule: 'on demand, steps of 1 KB of the larger of the item before and after; double in a transaction; one more for each entry of an index that is put, changed or removed; refused conditions count',
  },
  tableReadUnits: {
    term: 'DynamoDB read units',
    dollarsPerMillion: 0.125,
    source: 'secondary',
    rule: 'on demand, steps of 4 KB; half when eventually consistent; a query by the bytes of its page; an item that is not there counts as one step',
  },
  busEvents: {
    term: 'EventBridge events',
    dollarsPerMillion: 1,
    source: 'secondary',
    rule: 'in steps of 64 KB; what rules match and deliver is free',
  },
  apiRequests: {
    term: 'API Gateway requests',
    dollarsPerMillion: 1,
    source: 'secondary',
    rule: 'HTTP API',
  },
  bucketPuts: {
    term: 'S3 PUT, COPY and LIST requests',
    dollarsPerMillion: 5,
    source: 'memory',
    rule: 'each part of an upload is one, and so are its beginning and its end',
  },
  bucketGets: {
    term: 'S3 GET and HEAD requests',
    dollarsPerMillion: 0.4,
    source: 'memory',
    rule: 'each request; bytes are a line of their own',
  },
  timerSchedules: {
    term: 'EventBridge Scheduler invocations',
    dollarsPerMillion: 1,
    source: 'memory',
    rule: 'each time that falls due',
  },
  metricReads: {
    term: 'CloudWatch metrics read',
    dollarsPerMillion: 10,
    source: 'memory',
    rule: 'each metric that GetMetricData answers',
  },
  keyRequests: {
    term: 'KMS signatures',
    dollarsPerMillion: 15,
    source: 'memory',
    rule: 'ECC_NIST_P256; each seal of the audit log is one',
  },
};

/** Prices of what does not go by a message or a call of ours. */
export const OTHER_PRICES = {
  /** IoT Core, for a million minutes of connection (vendor). */
  connectionMinutes: 0.08,
  /** CloudWatch, one custom metric for a month (memory). */
  customMetricMonth: 0.3,
  /** CloudWatch, one standard alarm for a month (memory). */
  alarmMonth: 0.1,
  /** KMS, one key for a month (memory). */
  keyMonth: 1,
  /** CloudWatch Logs, a GB taken in (secondary). */
  logsGb: 0.5,
  /** CloudFront, a GB out in the first 10 TB (vendor); the first TB of a month is free. */
  deliveryGb: 0.085,
  /** CloudFront, a million HTTPS requests (vendor); the first ten million of a month are free. */
  deliveryRequests: 1,
  /** DynamoDB, a GB stored for a month, and the same for point-in-time recovery (memory). */
  tableGbMonth: 0.25,
  recoveryGbMonth: 0.2,
} as const;

/** What `usage` costs at list price, US dollars. */
export function dollarsOf(usage: Usage): number {
  let dollars = 0;
  // Keys of a record of units are units.
  for (const [unit, amount] of Object.entries(usage) as [BilledUnit, number][]) {
    dollars += (amount * PRICE_BOOK[unit].dollarsPerMillion) / 1e6;
  }
  return dollars;
}
