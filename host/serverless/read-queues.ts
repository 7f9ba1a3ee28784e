import { queueNameIn } from './arn-parts.ts';
import type { Properties } from './properties.ts';
import type { QueueResource } from './resource-definitions.ts';

const DAY_SECONDS = 24 * 60 * 60;

/** Reads an AWS::SQS::Queue with the bounds and defaults of SQS; first-in-first-out queues are refused. */
export function readQueue(properties: Properties, name: string): QueueResource {
  const { owner: logicalId, stack } = properties;
  properties.ignore('QueueName', 'KmsDataKeyReusePeriodSeconds', 'KmsMasterKeyId', 'MaximumMessageSize');
  properties.ignore('ReceiveMessageWaitTimeSeconds', 'RedriveAllowPolicy', 'SqsManagedSseEnabled', 'Tags');
  const redrive = properties.section('RedrivePolicy');
  const queue = {
    logicalId,
    name,
    arn: stack.attribute(logicalId, 'Arn') ?? '',
    url: stack.ref(logicalId) ?? '',
    visibilityTimeoutSeconds: properties.integer('VisibilityTimeout', { min: 0, max: 43_200, otherwise: 30 }),
    delaySeconds: properties.integer('DelaySeconds', { min: 0, max: 900, otherwise: 0 }),
    retentionSeconds: properties.integer('MessageRetentionPeriod', {
      min: 60,
      max: 14 * DAY_SECONDS,
      otherwise: 4 * DAY_SECONDS,
    }),
    ...(redrive !== undefined && {
      redrive: {
        deadLetterQueue: queueNameIn(
          redrive.text('deadLetterTargetArn'),
          redrive.refusing('deadLetterTargetArn'),
        ),
        maxReceiveCount: redrive.integer('maxReceiveCount', { min: 1, max: 1000 }),
      },
    }),
  };
  properties.end();
  return queue;
}
