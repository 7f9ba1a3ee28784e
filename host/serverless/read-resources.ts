import { Properties } from './properties.ts';
import { readBucket } from './read-buckets.ts';
import { readQueue } from './read-queues.ts';
import { readTable } from './read-tables.ts';
import { readTopicRule } from './read-topic-rules.ts';
import { isSkipped } from './resource-types.ts';
import type { BusResource, DevicePolicyResource, ServiceDefinition } from './service-definition.ts';
import { functionLogicalId, type Stack } from './stack.ts';

/** The resources of a service that mean something on one machine. */
export type Resources = Pick<
  ServiceDefinition,
  'tables' | 'queues' | 'buckets' | 'topicRules' | 'devicePolicies' | 'buses'
>;

/** Reads all resources of a stack; throws `UnsupportedResourceError` for what the host neither runs nor knowingly skips. */
export function readResources(stack: Stack, functionKeys: readonly string[]): Resources {
  const keyByArn = new Map(functionKeys.map((key) => [stack.attribute(functionLogicalId(key), 'Arn'), key]));
  const read: { readonly [Kind in keyof Resources]: Resources[Kind][number][] } = {
    tables: [],
    queues: [],
    buckets: [],
    topicRules: [],
    devicePolicies: [],
    buses: [],
  };
  for (const [logicalId, resource] of stack.resources()) {
    const { type } = resource;
    if (isSkipped(type)) continue;
    const properties = new Properties(stack, logicalId, resource.properties);
    const name = stack.nameOf(logicalId, resource);
    if (type === 'AWS::DynamoDB::Table') read.tables.push(readTable(properties, name));
    else if (type === 'AWS::SQS::Queue') read.queues.push(readQueue(properties, name));
    else if (type === 'AWS::S3::Bucket') read.buckets.push(readBucket(properties, name));
    else if (type === 'AWS::IoT::TopicRule') {
      read.topicRules.push(readTopicRule(properties, name, (arn) => keyByArn.get(arn)));
    } else if (type === 'AWS::IoT::Policy') read.devicePolicies.push(readDevicePolicy(properties, name));
    else if (type === 'AWS::Events::EventBus') read.buses.push(readBus(properties, name));
    else stack.refusing(logicalId, 'Type')(`is ${type}, which is not supported`);
  }
  return read;
}

function readDevicePolicy(properties: Properties, name: string): DevicePolicyResource {
  properties.ignore('PolicyName', 'Tags');
  const document = properties.value('PolicyDocument') ?? properties.refusing('PolicyDocument')('is missing');
  properties.end();
  return { logicalId: properties.owner, name, document };
}

function readBus(properties: Properties, name: string): BusResource {
  const { owner: logicalId, stack } = properties;
  properties.ignore('Name', 'DeadLetterConfig', 'Description', 'KmsKeyIdentifier', 'Tags');
  properties.end();
  return { logicalId, name, arn: stack.attribute(logicalId, 'Arn') ?? '' };
}
