import { queueBatch } from '#host/testing/queue-batch.ts';
import type { TestHost } from '#host/testing/test-host.ts';
import type { Bucket } from '#shared/capabilities/bucket.ts';
import type { Report } from '#shared/contracts/device/report.ts';
import type { ReportBatch } from '#shared/contracts/report-batch.ts';
import type { SqsEvent } from '#shared/lambda/sqs.ts';
import type { LoggedReport } from '../domain/log-line.ts';

/** The rollout of all reports here. */
export const ROLLOUT = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D';
const ATTEMPT = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5E';
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

/** A report as the orchestrator hands it over. */
export const fromDevice = (thing: string, body: Report, atMs = NOON_MS): LoggedReport => ({
  thing,
  atMs,
  report: body,
});

/** One message of the queue with these reports, as the queue hands it over. */
export function batch(...reports: readonly LoggedReport[]): SqsEvent {
  return reports.length === 0 ? { Records: [] } : messages(batchOf(...reports));
}

/** The reports as one message. */
export const batchOf = (...reports: readonly LoggedReport[]): ReportBatch => ({
  v: 1,
  reports: [...reports],
});

/** Messages as a queue hands them over; record `n` has the message id `n`. */
export const messages = (...bodies: readonly unknown[]): SqsEvent => queueBatch(bodies);

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
