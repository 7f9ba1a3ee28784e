import type { Report } from '#shared/contracts/device/report.ts';
import type { HttpEvent } from '#shared/lambda/on-http.ts';
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
export function batch(bodies: readonly unknown[]): SqsEvent {
  return {
    Records: bodies.map((body, at) => ({
      messageId: String(at),
      body: JSON.stringify(body),
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: '0' },
    })),
  };
}

/** A request as the HTTP API hands it over, by a viewer of that tenant. */
export function request(
  params: Readonly<Record<string, string>>,
  query: Readonly<Record<string, string>> = {},
  tenant = 'acme',
): HttpEvent {
  return {
    rawPath: '/',
    isBase64Encoded: false,
    pathParameters: params,
    queryStringParameters: query,
    requestContext: { authorizer: { jwt: { claims: { tenant, sub: 'ada', role: 'viewer' } } } },
  };
}
