import type { TestHost } from '#host/testing/test-host.ts';
import type { Bucket } from '#shared/capabilities/bucket.ts';
import type { Report } from '#shared/contracts/device/report.ts';
import type { SqsEvent } from '#shared/lambda/sqs.ts';

export const ROLLOUT = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D';
export const ATTEMPT = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5E';
/** 2026-03-01T12:00:00Z. */
export const NOON_MS = Date.UTC(2026, 2, 1, 12);

/** A report of a device that says "installing", with whatever is different. */
export function report(different: Partial<Report> = {}): Report {
  return {
    v: 1,
    rollout: ROLLOUT,
    attempt: ATTEMPT,
    hardware: 'cam-rev-b',
    target: '2.1.0',
    bootId: 'boot-0001',
    events: [{ seq: 1, state: 'installing', uptimeMs: 1000 }],
    ...different,
  };
}

/** A report that the attempt failed. */
export function failure(reason: string | undefined, different: Partial<Report> = {}, seq = 2): Report {
  const events = [{ seq, state: 'failed' as const, uptimeMs: 2000, ...(reason !== undefined && { reason }) }];
  return report({ events, ...different });
}

/** A message as the rule hands it over. */
export function fromDevice(thing: string, body: unknown, atMs = NOON_MS): Readonly<Record<string, unknown>> {
  const payload = Buffer.from(JSON.stringify(body)).toString('base64');
  return { payload, thing, client: thing, certificate: 'c'.repeat(64), at: atMs };
}

/** A batch as a queue hands it over; record `n` has the message id `n`. */
export function batch(...bodies: readonly unknown[]): SqsEvent {
  return {
    Records: bodies.map((body, at) => ({
      messageId: String(at),
      body: JSON.stringify(body),
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: '0' },
    })),
  };
}

/** The bucket of the raw log. */
export function logOf(host: TestHost): Bucket {
  return host.host.buckets.of('evenkeel-test-reports-000000000000-local').bucket;
}

/** The text of an object of the log. */
export async function textOf(host: TestHost, key: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await logOf(host).read(key)) ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** The keys of all objects of the log. */
export async function keysOf(host: TestHost): Promise<string[]> {
  const { objects } = await logOf(host).list('', { limit: 1000 });
  return objects.map(({ key }) => key);
}
