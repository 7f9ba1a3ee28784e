import { OTHER_PRICES } from './price-book.ts';

/** What goes on without any update, for a million devices in a month of 30 days. */
export interface StandingCost {
  readonly what: string;
  readonly dollars: number;
  /** How it is reckoned. */
  readonly note: string;
}

const DAYS = 30;
const DAY_MINUTES = 24 * 60;
/** CONNECT, and SUBSCRIBE with two filters. */
const MESSAGES_PER_CONNECTION = 2;
/** Three seal the audit logs of their services, one encrypts alarms. */
const KEYS = 4;
/**
 * What a packaged stage makes, rounded up: metrics of ours by service, and those that alarms watch, by which alarms are billed.
 * `test/templates/standing-costs.suite.ts` holds them against the packaged stacks.
 */
export const COUNTED_STANDING = { customMetrics: 75, alarmMetrics: 195 } as const;
const { customMetrics, alarmMetrics } = COUNTED_STANDING;
/** Lambda's START, END and REPORT lines of one invocation, what CloudWatch adds to each included. */
const LOG_BYTES_PER_CHECK = 320;
const IMAGE_BYTES = 10_000_000;
/** One item of a device in two tables, and one attempt. */
const TABLE_BYTES_PER_DEVICE = 3_000;

/**
 * Connections, logs, storage, keys and alarms: lines of their own, by the price book, none of them metered. Numbers are written without
 * a locale, whose first use would cost a function some 20 ms of its start.
 */
export const STANDING_COSTS: readonly StandingCost[] = [
  {
    what: 'connections, always on',
    dollars: DAYS * DAY_MINUTES * OTHER_PRICES.connectionMinutes,
    note: `${DAYS} days of ${DAY_MINUTES} minutes a device at ${OTHER_PRICES.connectionMinutes} a million`,
  },
  {
    what: 'connections, two minutes a day',
    dollars: DAYS * 2 * OTHER_PRICES.connectionMinutes,
    note: 'a device that connects once a day to check, and stays for two minutes',
  },
  {
    what: 'connecting, once a day',
    dollars: DAYS * MESSAGES_PER_CONNECTION,
    note: 'CONNECT and SUBSCRIBE are a message each; presence is metered apart',
  },
  {
    what: 'logs of daily checks',
    dollars: (DAYS * LOG_BYTES_PER_CHECK * 1e6 * OTHER_PRICES.logsGb) / 2 ** 30,
    note: `Lambda's own three lines of each invocation, ${LOG_BYTES_PER_CHECK} bytes; an idle check adds none`,
  },
  {
    what: 'custom metrics and alarms',
    dollars: customMetrics * OTHER_PRICES.customMetricMonth + alarmMetrics * OTHER_PRICES.alarmMonth,
    note: `${customMetrics} metrics, and ${alarmMetrics} watched by alarms, whatever the fleet`,
  },
  {
    what: 'keys',
    dollars: KEYS * OTHER_PRICES.keyMonth,
    note: `${KEYS} keys of KMS, whatever the fleet; a signature is made only when something was decided`,
  },
  {
    what: 'tables and their recovery',
    dollars:
      ((TABLE_BYTES_PER_DEVICE * 1e6) / 2 ** 30) * (OTHER_PRICES.tableGbMonth + OTHER_PRICES.recoveryGbMonth),
    note: `${TABLE_BYTES_PER_DEVICE / 1_000} KB a device, point-in-time recovery on`,
  },
  {
    what: 'an image of 10 MB to each',
    dollars: (IMAGE_BYTES * 1e6 * OTHER_PRICES.deliveryGb) / 1e9 + OTHER_PRICES.deliveryRequests,
    note: 'CloudFront, first tier and without its free TB; once an update, not once a month',
  },
];
