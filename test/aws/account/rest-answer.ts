import type { AwsAnswer } from '../gate/aws-request.ts';

/** An answer in the REST JSON of AWS IoT. */
export function restAnswer(body: unknown, status = 200): AwsAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** An error in the REST JSON of AWS IoT, which names it in a header. */
export function restError(status: number, code: string, message: string): AwsAnswer {
  const type = code === 'AccessDenied' ? 'ForbiddenException' : code;
  return { ...restAnswer({ message }, status), headers: { 'x-amzn-errortype': type } };
}
