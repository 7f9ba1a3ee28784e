const KILOBYTE = 1024;
/** A bundle is read and compiled at every cold start: some 70 ms at half a megabyte. */
const USUAL_KILOBYTES = 550;
/** The clients of S3 and of the IoT registry are larger than the others. */
const LARGE_KILOBYTES = 750;

/** What names an AWS client in a bundle, whatever the minifier does: the service id that it signs and traces with. */
export const CLIENT_MARKERS = {
  table: 'client-dynamodb',
  bucket: 'client-s3',
  queue: 'client-sqs',
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
  const entries = Object.entries(CLIENT_MARKERS) as [ClientName, string][];
  return new Set(entries.filter(([, marker]) => packages.has(`@aws-sdk/${marker}`)).map(([name]) => name));
}

/** The size of a bundle and what it may be, in kilobytes of 1,024 bytes. */
export function weigh(bundle: Buffer): { readonly kilobytes: number; readonly budget: number } {
  const clients = clientsIn(bundle);
  const budget = clients.has('bucket') || clients.has('identity') ? LARGE_KILOBYTES : USUAL_KILOBYTES;
  return { kilobytes: bundle.byteLength / KILOBYTE, budget };
}
