import { generateKeyPairSync } from 'node:crypto';
import type { MqttBroker } from '#host/broker/mqtt-broker.ts';
import type { EmbeddedStore } from '#host/store/embedded-store.ts';
import type { World } from '#shared/world/world.ts';
import type { AwsService } from '../gate/aws-request.ts';
import { dynamoDb } from '../gate/dynamodb.ts';
import { dynamoDbStreams } from '../gate/dynamodb-streams.ts';
import type { GateParts } from '../gate/gate.ts';
import { type S3Parts, S3Service } from '../gate/s3.ts';
import { bucketAt } from '../gate/s3-operation.ts';
import { sqs } from '../gate/sqs.ts';
import type { Deployment } from '../stacks/deployment.ts';
import { hostOf, PLACE } from '../stacks/place.ts';
import { cloudWatch } from './cloud-watch.ts';
import type { Oracles } from './create-resources.ts';
import { distribution, readableThrough } from './distribution.ts';
import { eventBridge } from './event-bridge.ts';
import { iotData } from './iot-data.ts';
import type { IotRegistry } from './iot-registry.ts';
import { keyManagement } from './key-management.ts';
import { parameterStore } from './parameters.ts';
import { contentsOf } from './queue-inspection.ts';

/** What stands behind the services: oracles on the wire, and stubs for what has none. */
export interface AwsServicesParts {
  readonly deployment: Deployment;
  readonly oracles: Oracles;
  /** The oracle's stream ARN by that of the template. */
  readonly streams: ReadonlyMap<string, string>;
  readonly bus: EmbeddedStore['bus'];
  readonly registry: IotRegistry;
  /** The broker, which is opened after the gate. */
  readonly brokerOf: () => MqttBroker;
  readonly onObjectCreated: S3Parts['onCreated'];
  readonly nextId: () => string;
  readonly world: World;
}

/** Every service that the stacks' functions reach, and the distribution, by the names of their hosts. Throws where no bucket is behind it. */
export function awsServices(parts: AwsServicesParts): Pick<GateParts, 'serviceAt' | 'openAt'> {
  const { deployment, oracles, world } = parts;
  const downloadKeys = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const privateKeyPem = downloadKeys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const services = new Map<string, AwsService>([
    ...dataServices(parts),
    [hostOf('ssm'), parameterStore(new Map([[DOWNLOAD_KEY_PARAMETER, privateKeyPem]]))],
    [hostOf('kms'), keyManagement(keyArnsOf(deployment))],
  ]);
  const s3 = new S3Service({
    endpoint: oracles.fauxqsEndpoint,
    nextVersion: parts.nextId,
    onCreated: parts.onObjectCreated,
  });
  const [readable] = deployment.stacks.flatMap((stack) => readableThrough(stack) ?? []);
  if (readable === undefined) throw new Error('no bucket lets the distribution read');
  const download = distribution({
    ...readable,
    publicKey: downloadKeys.publicKey,
    keyPairId: exportOf(deployment, 'download-key-pair-id'),
    fauxqsEndpoint: oracles.fauxqsEndpoint,
    world,
  });
  const downloadHost = exportOf(deployment, 'download-domain');
  return {
    serviceAt: (host) => services.get(host) ?? (bucketAt(host) === undefined ? undefined : s3),
    openAt: (host) => (host === downloadHost ? download : undefined),
  };
}

/** All names of AWS that a certificate has to have: those of services, those of buckets, and that of the distribution. */
export function hostNames(deployment: Deployment): string[] {
  const buckets = deployment.stacks
    .flatMap((stack) => stack.ofType('AWS::S3::Bucket'))
    .map(([, { BucketName }]) => `${String(BucketName)}.s3`);
  return [...[...SERVICES, ...buckets].map(hostOf), exportOf(deployment, 'download-domain')];
}

const SERVICES = [
  'dynamodb',
  'streams.dynamodb',
  'sqs',
  'events',
  'iot',
  'data-ats.iot',
  'monitoring',
  'ssm',
  'kms',
] as const;
const DOWNLOAD_KEY_PARAMETER = `/evenkeel/${PLACE.stage}/download-signing-key`;

function dataServices({
  deployment,
  oracles: { dynamoDbEndpoint, fauxqsEndpoint },
  streams,
  bus,
  registry,
  brokerOf,
  nextId,
  world,
}: AwsServicesParts): [string, AwsService][] {
  const busNames = deployment.platform.ofType('AWS::Events::EventBus').map(([, { Name }]) => String(Name));
  const ageSecondsOf = async (queue: string): Promise<number> => {
    const { oldestSentAtMs } = await contentsOf(fauxqsEndpoint, queue);
    return oldestSentAtMs === undefined ? 0 : Math.floor((world.now() - oldestSentAtMs) / 1000);
  };
  return [
    [hostOf('dynamodb'), dynamoDb(dynamoDbEndpoint)],
    [hostOf('streams.dynamodb'), dynamoDbStreams(dynamoDbEndpoint, (arn) => streams.get(arn))],
    [hostOf('sqs'), sqs(fauxqsEndpoint)],
    [hostOf('monitoring'), cloudWatch(ageSecondsOf, world)],
    [hostOf('events'), eventBridge((name) => (busNames.includes(name) ? bus : undefined), nextId)],
    [hostOf('iot'), registry],
    [hostOf('data-ats.iot'), iotData(brokerOf)],
  ];
}

function keyArnsOf({ stacks }: Deployment): string[] {
  return stacks.flatMap((stack) =>
    stack.ofType('AWS::KMS::Key').flatMap(([logicalId]) => stack.attribute(logicalId, 'Arn') ?? []),
  );
}

const exportOf = ({ platform }: Deployment, name: string): string =>
  platform.exports().get(`evenkeel-${PLACE.stage}-${name}`) ?? '';
