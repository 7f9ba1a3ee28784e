import { queueNameIn } from './arn-parts.ts';
import type { Properties } from './properties.ts';

/**
 * The queue that is told of what was given up: `destinations: { onFailure: { type: sqs, arn: ... } }`, the one form in which
 * the framework takes an ARN that is not written out. `undefined` without destinations.
 */
export function readFailureQueue(properties: Properties): string | undefined {
  const onFailure = properties.section('destinations')?.section('onFailure');
  if (onFailure === undefined) return undefined;
  onFailure.choice('type', ['sqs']);
  return queueNameIn(onFailure.text('arn'), onFailure.refusing('arn'));
}
