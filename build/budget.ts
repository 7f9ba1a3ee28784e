import { readFileSync } from 'node:fs';
import path from 'node:path';

const KILOBYTE = 1024;
/** A bundle is read and compiled at every cold start: some 70 ms at half a megabyte. */
const USUAL_KILOBYTES = 550;
/** The clients of S3 and of the IoT registry are larger than the others. */
const LARGE_KILOBYTES = 750;

/** What names an AWS client in a bundle, whatever the minifier does: the service id that it signs and traces with. */
const CLIENT_MARKERS = {
  table: 'client-dynamodb',
  bucket: 'client-s3',
  queue: 'client-sqs',
  signer: 'client-kms',
  backlog: 'client-cloudwatch',
  bus: 'client-eventbridge',
  deviceLink: 'client-iot-data-plane',
  identity: 'client-iot',
  timer: 'client-scheduler',
} as const;
export type ClientName = keyof typeof CLIENT_MARKERS;

/** The AWS clients in a bundle. */
export function clientsIn(bundle: Buffer): ReadonlySet<ClientName> {
  const packages = new Set(bundle.toString().match(/@aws-sdk\/client-[a-z0-9-]+/g));
  // The entries are those of the record above; `Object.entries` forgets their names.
  const entries = Object.entries(CLIENT_MARKERS) as [ClientName, string][];
  return new Set(entries.filter(([, marker]) => packages.has(`@aws-sdk/${marker}`)).map(([name]) => name));
}

/** What a bundle may have, in kilobytes of 1,024 bytes, whatever its function does. */
export function mostFor(bundle: Buffer): number {
  const clients = clientsIn(bundle);
  return clients.has('bucket') || clients.has('identity') ? LARGE_KILOBYTES : USUAL_KILOBYTES;
}

/** Kilobytes of a bundle. */
function kilobytesOf(bundle: Buffer): number {
  return bundle.byteLength / KILOBYTE;
}

/** Budgets by stack and function, in kilobytes. */
export type Budgets = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Each function's own budget, a little more than it had when somebody looked last: growth is noticed, and allowed in the open. */
export const BUDGETS_FILE = path.join(import.meta.dirname, 'bundle-budgets.json');

/** The size of a bundle and what it may be. Without a budget of its own it may be nothing: a new function gets one. */
export function weigh(
  stack: string,
  key: string,
  bundle: Buffer,
): { readonly kilobytes: number; readonly budget: number } {
  const own = readBudgets()[stack]?.[key] ?? 0;
  return { kilobytes: kilobytesOf(bundle), budget: Math.min(own, mostFor(bundle)) };
}

/** A budget for a bundle of that size: eight percent more, in steps of 10 KB, and never more than any bundle may have. */
export function budgetFor(bundle: Buffer): number {
  return Math.min(mostFor(bundle), Math.ceil((kilobytesOf(bundle) * 1.08) / 10) * 10);
}

function readBudgets(): Budgets {
  return JSON.parse(readFileSync(BUDGETS_FILE, 'utf8'));
}
