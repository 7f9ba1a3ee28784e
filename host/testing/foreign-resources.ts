import { arnOf, queueUrlOf } from '#host/serverless/place.ts';
import type { BucketResource, QueueResource } from '#host/serverless/resource-definitions.ts';
import type { ServiceDefinition } from '#host/serverless/service-definition.ts';

/**
 * The definitions with stand-ins, on the first of them, for queues and buckets of services that are not there but that these
 * name: so that one service can be tested without the others.
 */
export function withForeignResources(definitions: readonly ServiceDefinition[]): ServiceDefinition[] {
  const [first, ...others] = definitions;
  if (first === undefined) return [];
  const { place } = first;
  const texts = new Set(
    definitions
      .flatMap(({ functions }) => functions)
      .flatMap(({ environment }) => Object.values(environment)),
  );
  const ownQueues = new Set(definitions.flatMap(({ queues }) => queues.map(({ name }) => name)));
  const ownBuckets = new Set(definitions.flatMap(({ buckets }) => buckets.map(({ name }) => name)));
  const urlPrefix = queueUrlOf(place, '');
  const named = [
    ...[...texts].filter((text) => text.startsWith(urlPrefix)).map((url) => url.slice(urlPrefix.length)),
    ...definitions.flatMap(({ topicRules }) => topicRules).flatMap(queuesOfRule),
  ];
  const queues = [...new Set(named)]
    .filter((name) => !ownQueues.has(name))
    .map((name) => standInQueue(first, name));
  const isBucket = new RegExp(`^evenkeel-${place.stage}-[a-z-]+-${place.accountId}-${place.region}$`);
  const buckets = [...texts]
    .filter((text) => isBucket.test(text) && !ownBuckets.has(text))
    .map((name): BucketResource => {
      return {
        logicalId: name,
        name,
        arn: `arn:${place.partition}:s3:::${name}`,
        versioned: true,
        expiries: [],
      };
    });
  const withStandIns = {
    ...first,
    queues: [...first.queues, ...queues],
    buckets: [...first.buckets, ...buckets],
  };
  return [withStandIns, ...others];
}

function queuesOfRule({ actions, errorAction }: ServiceDefinition['topicRules'][number]): string[] {
  return [...actions, ...(errorAction === undefined ? [] : [errorAction])].flatMap((action) =>
    action.kind === 'sqs' ? [action.queueName] : [],
  );
}

function standInQueue({ place }: ServiceDefinition, name: string): QueueResource {
  return {
    logicalId: name,
    name,
    arn: arnOf(place, 'sqs', name),
    url: queueUrlOf(place, name),
    retentionSeconds: 345_600,
    visibilityTimeoutSeconds: 30,
    delaySeconds: 0,
  };
}
