import { queueBatch } from '#host/testing/queue-batch.ts';
import type { TestAnswer, TestCaller, TestHost } from '#host/testing/test-host.ts';
import type { SqsEvent } from '#shared/lambda/sqs.ts';

/** A batch as a queue hands it over; record `n` has the message id `n`. */
export const batch = (...bodies: readonly unknown[]): SqsEvent => queueBatch(bodies);

/** An inventory as the rule hands it over. */
export function inventory(thing: string, certificate: string, attributes: unknown, atMs: number) {
  const payload = Buffer.from(JSON.stringify({ v: 1, attributes })).toString('base64');
  return { payload, thing, client: thing, certificate, at: atMs };
}

/** A lifecycle event as the rules hand it over. */
export function lifecycle(sessionIdentifier: string, timestamp: number, clientId = 'acme:cam-0001') {
  return { clientId, sessionIdentifier, timestamp };
}

/** What a registration says of the device `cam-0001`. */
export const CAM = { deviceId: 'cam-0001', product: 'cam', hardware: 'cam-rev-b' };

/** Registers a device; answers the id of its certificate. */
export async function register(
  host: TestHost,
  facts: Readonly<Record<string, unknown>> = {},
  caller: TestCaller = {},
): Promise<string> {
  const { status, body } = await host.http('POST', '/devices', { ...CAM, ...facts }, caller);
  if (status !== 201) throw new Error(`registering answered ${status}: ${JSON.stringify(body)}`);
  return body.certificateId;
}

/** Two register `cam-0001` at once: the first one's certificate is issued when the second one's device is there already. */
export async function registerTwiceAtOnce(
  host: TestHost,
): Promise<readonly [first: TestAnswer, second: TestAnswer]> {
  const { identity } = host;
  const issue = identity.issue.bind(identity);
  const { promise: secondIsThere, resolve } = Promise.withResolvers<void>();
  let asked = 0;
  identity.issue = async (request) => {
    asked += 1;
    if (asked === 1) await secondIsThere;
    return issue(request);
  };
  const first = host.http('POST', '/devices', CAM);
  const second = await host.http('POST', '/devices', CAM);
  resolve();
  return [await first, second];
}

/** Lets eventual reads see what was written, and everything be delivered that waits. */
export async function settled(host: TestHost): Promise<TestHost> {
  await host.settle();
  await host.advance(1001);
  return host;
}

/** The audit or outbox entries of a device in order of the version that they tell of; ids of one millisecond have no order. */
export async function entriesOf(host: TestHost, kind: 'audit' | 'outbox', thing = 'acme:cam-0001') {
  const range = { partition: `D#${thing}`, prefix: `${kind}#`, limit: 100, consistent: true };
  const { items } = await host.table('registry').query(range);
  const versionOf = ({ detail, after }: (typeof items)[number]) => Object(detail ?? after).entityVersion;
  return items.toSorted((a, b) => versionOf(a) - versionOf(b));
}
