import type { HttpEvent } from '#shared/lambda/on-http.ts';
import type { SqsEvent } from '#shared/lambda/sqs.ts';

/** A request as the HTTP API hands it over, by a manufacturer of tenant `acme` unless told otherwise. */
export function request(
  parts: {
    readonly params?: Readonly<Record<string, string>>;
    readonly query?: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly claims?: Readonly<Record<string, string>>;
  } = {},
): HttpEvent {
  const { params, query, body, claims } = parts;
  return {
    rawPath: '/',
    isBase64Encoded: false,
    ...(params && { pathParameters: params }),
    ...(query && { queryStringParameters: query }),
    ...(body !== undefined && { body: JSON.stringify(body) }),
    requestContext: {
      authorizer: { jwt: { claims: { tenant: 'acme', sub: 'ada', role: 'admin', ...claims } } },
    },
  };
}

/** A batch as a queue hands it over; record `n` has the message id `n`. */
export function batch(bodies: readonly unknown[], sentAtMs = 0): SqsEvent {
  return {
    Records: bodies.map((body, at) => ({
      messageId: String(at),
      body: JSON.stringify(body),
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(sentAtMs) },
    })),
  };
}

/** An inventory as the rule hands it over. */
export function inventory(
  thing: string,
  certificate: string,
  attributes: unknown,
  atMs: number,
): Readonly<Record<string, unknown>> {
  const payload = Buffer.from(JSON.stringify({ v: 1, attributes })).toString('base64');
  return { payload, thing, client: thing, certificate, at: atMs };
}
