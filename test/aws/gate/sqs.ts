import { PLACE } from '../stacks/place.ts';
import type { AwsService } from './aws-request.ts';
import { forward } from './forward.ts';
import { jsonError, jsonOf, targetOf } from './json-service.ts';

/** Batches need the right of their single call (Amazon SQS developer guide, "Amazon SQS API permissions"). */
const actionOf = (operation: string): string => `sqs:${operation.replace(/Batch$/, '')}`;

/** SQS: an oracle on the wire, which knows a queue by the name in its URL. */
export function sqs(endpoint: string): AwsService {
  return {
    operationOf: (request) => `sqs:${targetOf(request)}`,
    rightsOf: (request) => {
      const { QueueUrl = '' } = jsonOf<{ readonly QueueUrl?: string }>(request);
      const name = QueueUrl.split('/').at(-1) ?? '';
      const arn = `arn:${PLACE.partition}:sqs:${PLACE.region}:${PLACE.accountId}:${name}`;
      return [{ action: actionOf(targetOf(request)), arn }];
    },
    answer: (request) => forward(endpoint, request),
    error: jsonError,
  };
}
