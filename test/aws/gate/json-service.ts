import type { AwsAnswer, AwsRequest } from './aws-request.ts';

/** The operation of a request in AWS JSON (`X-Amz-Target: DynamoDB_20120810.GetItem` -> `GetItem`). */
export function targetOf({ headers }: AwsRequest): string {
  return (headers['x-amz-target'] ?? '').split('.').at(-1) ?? '';
}

/** The body of a request in JSON, as the SDK wrote it. */
export function jsonOf<Body>({ body }: AwsRequest): Body {
  // What comes through the gate was made by the SDK, by the model of the service.
  return JSON.parse(body.length === 0 ? '{}' : body.toString('utf8')) as Body;
}

/** An answer in AWS JSON. */
export function jsonAnswer(body: unknown, status = 200): AwsAnswer {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(body) };
}

/** An error in AWS JSON: refusals are answered 400, and end in Exception. */
export function jsonError(status: number, code: string, message: string): AwsAnswer {
  const type = code === 'AccessDenied' ? 'AccessDeniedException' : code;
  const body = { __type: `com.amazon.coral.service#${type}`, message, Message: message };
  return jsonAnswer(body, status === 403 ? 400 : status);
}
