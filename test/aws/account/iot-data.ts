import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import type { AwsRequest, AwsService } from '../gate/aws-request.ts';
import { PLACE } from '../stacks/place.ts';
import { restAnswer, restError } from './rest-answer.ts';

const ARN = `arn:${PLACE.partition}:iot:${PLACE.region}:${PLACE.accountId}`;

/** The data plane of AWS IoT (a stub: no server of it can be had) in front of a broker that devices are really connected to. */
export function iotData(broker: () => DeviceLink): AwsService {
  return {
    operationOf: (request) =>
      topicOf(request) === undefined ? 'iotdata:DeleteConnection' : 'iotdata:Publish',
    rightsOf: (request) => {
      const topic = topicOf(request);
      return topic === undefined
        ? [{ action: 'iot:DeleteConnection', arn: `${ARN}:client/${clientOf(request)}` }]
        : [{ action: 'iot:Publish', arn: `${ARN}:topic/${topic}` }];
    },
    async answer(request) {
      const topic = topicOf(request);
      if (topic === undefined) await broker().disconnect(clientOf(request));
      else await broker().publish(topic, request.body);
      return restAnswer({});
    },
    error: restError,
  };
}

function topicOf({ method, path }: AwsRequest): string | undefined {
  const [, topic] = /^\/topics\/(.+)$/.exec(path) ?? [];
  return method === 'POST' && topic !== undefined ? decodeURIComponent(topic) : undefined;
}

function clientOf({ path }: AwsRequest): string {
  const [, client = ''] = /^\/connections\/([^/]+)$/.exec(path) ?? [];
  return decodeURIComponent(client);
}
