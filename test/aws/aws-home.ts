import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AccessTokens } from '#host/access/access-tokens.ts';
import { MqttBroker } from '#host/broker/mqtt-broker.ts';
import { HttpsServer } from '#host/http/https-server.ts';
import { openAuthority } from '#host/identity/authority.ts';
import { serverCredentials } from '#host/identity/server-certificate.ts';
import { TableThingRegistry, THINGS_TABLE } from '#host/identity/thing-registry.ts';
import { HostLog } from '#host/runtime/host-log.ts';
import { RequestIds } from '#host/runtime/request-ids.ts';
import { HttpApi } from '#host/runtime/triggers/http-api.ts';
import { EmbeddedStore } from '#host/store/embedded-store.ts';
import { startDynoxide, startFauxqs } from '#shared/aws/testing/oracle-process.ts';
import type { BusEvent } from '#shared/capabilities/bus.ts';
import type { Role } from '#shared/contracts/api/route.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { cloudWatch } from './account/cloud-watch.ts';
import { createResources } from './account/create-resources.ts';
import { Deliveries } from './account/deliveries.ts';
import { distribution, readableThrough } from './account/distribution.ts';
import { eventBridge } from './account/event-bridge.ts';
import { InvokeLeave } from './account/invoke-leave.ts';
import { iotData } from './account/iot-data.ts';
import { IotRegistry } from './account/iot-registry.ts';
import { keyManagement } from './account/key-management.ts';
import { parameterStore } from './account/parameters.ts';
import { contentsOf } from './account/queue-inspection.ts';
import type { AwsService } from './gate/aws-request.ts';
import { Callers } from './gate/caller.ts';
import { dynamoDb } from './gate/dynamodb.ts';
import { dynamoDbStreams } from './gate/dynamodb-streams.ts';
import { Gate, type Passed } from './gate/gate.ts';
import { S3Service } from './gate/s3.ts';
import { bucketAt } from './gate/s3-operation.ts';
import { sqs } from './gate/sqs.ts';
import { buildRuntime } from './lambda/build-runtime.ts';
import { LambdaFunction } from './lambda/lambda-function.ts';
import { leadAwsTo } from './lambda/network.ts';
import { ProcessBudget } from './lambda/process-budget.ts';
import { UsedDevicePolicy } from './rights/used-device-policy.ts';
import type { Deployment } from './stacks/deployment.ts';
import { readDeployment } from './stacks/deployment.ts';
import { hostOf, PLACE } from './stacks/place.ts';
import { readPermissions } from './stacks/read-triggers.ts';
import { AccountRules } from './triggers/account-rules.ts';
import { AccountTriggers } from './triggers/account-triggers.ts';
import { DeployedFunctions } from './triggers/deployed-functions.ts';
import { type LogLine, UsageAudit } from './usage/usage-audit.ts';

/** What is opened, and how fast its schedules go. */
export interface AwsHomeOptions {
  /** Where all stacks were packaged to, for the stage of `PLACE`. */
  readonly packaged: string;
  /** How long a minute of a schedule lasts, in seconds. */
  readonly minuteSeconds: number;
}

/** Processes of functions at the same time, for the sake of the machine's memory. */
const MOST_PROCESSES = 40;
/** Time-outs are those of the templates, times this: eight cold starts at once on two cores are slower than on Lambda. */
const PATIENCE = 6;
const TENANT = 'acme';
const HTTP_GRACE_MS = 5_000;
/** More than the story needs. */
const MOST_CONNECTIONS = 1_000;

/**
 * An account of AWS on the loopback, with all stacks deployed as they were packaged. Functions are their bundles in processes of
 * their own, DynamoDB, S3 and SQS are servers on the wire, what has no server (EventBridge, the registry and the data plane of
 * IoT) is a stub; between them stands the gate, and the triggers are the host's.
 */
export class AwsHome {
  readonly deployment: Deployment;
  readonly directory: string;
  readonly callers: Callers;
  readonly gate: Gate;
  readonly functions: DeployedFunctions;
  readonly leave: InvokeLeave;
  readonly devicePolicy: UsedDevicePolicy;
  readonly usage: UsageAudit;
  /** What functions were invoked with. */
  readonly deliveries: Deliveries;
  readonly broker: MqttBroker;
  readonly lines: readonly LogLine[];
  readonly mqttPort: number;
  readonly httpPort: number;
  readonly authorityPem: string;
  readonly tokens: AccessTokens;
  readonly dynamoDbEndpoint: string;
  readonly fauxqsEndpoint: string;
  readonly #store: EmbeddedStore;
  readonly #opened: AsyncDisposableStack;

  private constructor(
    parts: Omit<AwsHome, 'stop' | 'token' | 'publish' | 'roleOf' | 'functionOf'>,
    store: EmbeddedStore,
    opened: AsyncDisposableStack,
  ) {
    this.#store = store;
    this.deployment = parts.deployment;
    this.directory = parts.directory;
    this.callers = parts.callers;
    this.gate = parts.gate;
    this.functions = parts.functions;
    this.leave = parts.leave;
    this.devicePolicy = parts.devicePolicy;
    this.usage = parts.usage;
    this.deliveries = parts.deliveries;
    this.broker = parts.broker;
    this.lines = parts.lines;
    this.mqttPort = parts.mqttPort;
    this.httpPort = parts.httpPort;
    this.authorityPem = parts.authorityPem;
    this.tokens = parts.tokens;
    this.dynamoDbEndpoint = parts.dynamoDbEndpoint;
    this.fauxqsEndpoint = parts.fauxqsEndpoint;
    this.#opened = opened;
  }

  static async open({ packaged, minuteSeconds }: AwsHomeOptions): Promise<AwsHome> {
    await using opening = new AsyncDisposableStack();
    const world = realWorld;
    const directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-aws-'));
    opening.defer(() => rm(directory, { recursive: true, force: true }));
    const lines: LogLine[] = [];
    const hear = (line: string): LogLine => {
      const read = parsed(line);
      lines.push(read);
      return read;
    };
    const log = new HostLog((line) => void hear(line), world);
    const onFault = (error: unknown) => log.error('the account failed at something', error);
    const deployment = readDeployment(packaged, path.join(directory, 'bundles'));

    const [dynoxide, fauxqs] = await Promise.all([startDynoxide(), startFauxqs()]);
    opening.defer(() => Promise.all([dynoxide.stop(), fauxqs.stop()]).then(() => undefined));
    const endpoints = { dynamoDbEndpoint: dynoxide.endpoint, fauxqsEndpoint: fauxqs.endpoint };
    const streams = await createResources(deployment.stacks, endpoints);

    const store = new EmbeddedStore({ directory, world, onFatal: onFault });
    opening.defer(() => store.close());
    const authorityDirectory = path.join(directory, 'authority');
    const authority = await openAuthority(authorityDirectory, world);
    const names = hostNames(deployment);
    const credentials = await serverCredentials({ directory: authorityDirectory, authority, names, world });
    const things = new TableThingRegistry(store.table(THINGS_TABLE), world);
    const callers = new Callers(deployment.roles, world);
    const requestIds = new RequestIds(world);
    const [policy] = deployment.platform.ofType('AWS::IoT::Policy').map(([, properties]) => properties);
    const devicePolicy = new UsedDevicePolicy(policy?.PolicyDocument, PLACE);
    const registry = new IotRegistry({ authority, things, policy: String(policy?.PolicyName) });
    const busNames = deployment.platform.ofType('AWS::Events::EventBus').map(([, { Name }]) => String(Name));
    const nextId = () => requestIds.next();
    const services = new Map<string, AwsService>([
      [hostOf('dynamodb'), dynamoDb(dynoxide.endpoint)],
      [hostOf('streams.dynamodb'), dynamoDbStreams(dynoxide.endpoint, (arn) => streams.get(arn))],
      [hostOf('sqs'), sqs(fauxqs.endpoint)],
      [hostOf('monitoring'), cloudWatch((queue) => ageSecondsOf(fauxqs.endpoint, queue), world)],
      [hostOf('events'), eventBridge((name) => (busNames.includes(name) ? store.bus : undefined), nextId)],
      [hostOf('iot'), registry],
      [hostOf('data-ats.iot'), iotData(() => broker)],
    ]);
    const keys = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const privateKeyPem = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const parameters = new Map([[`/evenkeel/${PLACE.stage}/download-signing-key`, privateKeyPem]]);
    services.set(hostOf('ssm'), parameterStore(parameters));
    const keyArns = deployment.stacks.flatMap((stack) =>
      stack.ofType('AWS::KMS::Key').flatMap(([logicalId]) => stack.attribute(logicalId, 'Arn') ?? []),
    );
    services.set(hostOf('kms'), keyManagement(keyArns));
    const exported = (name: string) =>
      deployment.platform.exports().get(`evenkeel-${PLACE.stage}-${name}`) ?? '';
    const [readable] = deployment.stacks.flatMap((stack) => readableThrough(stack) ?? []);
    if (readable === undefined) throw new Error('no bucket lets the distribution read');
    const download = distribution({
      ...readable,
      publicKey: keys.publicKey,
      keyPairId: exported('download-key-pair-id'),
      fauxqsEndpoint: fauxqs.endpoint,
      world,
    });
    const openAt = (host: string) => (host === exported('download-domain') ? download : undefined);
    const s3 = new S3Service({
      endpoint: fauxqs.endpoint,
      nextVersion: nextId,
      onCreated: (object) => triggers.objectCreated(object),
    });
    const serviceAt = (host: string) => services.get(host) ?? (bucketAt(host) === undefined ? undefined : s3);
    const usage = new UsageAudit();
    const deliveries = new Deliveries();
    const onPassed = (passed: Passed) => usage.passed(passed);
    const gate = new Gate({ credentials, callers, serviceAt, openAt, onPassed, world });
    const network = { port: await gate.listen(), authorityPem: authority.pem };
    opening.defer(() => gate.close());
    opening.defer(leadAwsTo(network));

    const budget = new ProcessBudget(MOST_PROCESSES);
    const runtimeFile = await buildRuntime(directory);
    const functions = new DeployedFunctions(
      deployment.functions.map((definition) => {
        const newCredentials = () => {
          const session = callers.ofRole(definition.roleArn).newSession();
          usage.started(session.accessKeyId, `${definition.service}/${definition.key}`);
          return session;
        };
        return new LambdaFunction({
          definition,
          newCredentials,
          network,
          budget,
          runtimeFile,
          patience: PATIENCE,
          nextRequestId: nextId,
          onLine(line, accessKeyId) {
            const read = hear(line);
            usage.heard(read, accessKeyId);
          },
          onEnded(event, accessKeyId) {
            usage.ended(event, accessKeyId);
            deliveries.ended(`${definition.service}/${definition.key}`, event);
          },
        });
      }),
    );
    opening.defer(async () => {
      await Promise.all(functions.all.map((one) => one.stop()));
    });
    const leave = new InvokeLeave(deployment.stacks.flatMap(readPermissions));
    const rules = new AccountRules({ deployment, functions, callers, leave, world, log });
    opening.defer(() => rules.stop());
    const committed = () => Promise.resolve();
    const api = new HttpApi({ world, requestIds, committed, onFault });
    const triggers = new AccountTriggers({
      deployment,
      functions,
      callers,
      leave,
      store,
      api,
      world,
      log,
      minuteSeconds,
    });
    opening.defer(() => triggers.stop());
    const broker = await MqttBroker.open({
      credentials,
      authorityPem: authority.pem,
      registry: things,
      policy: devicePolicy,
      committed,
      world,
      log,
      onFault,
      mostConnections: MOST_CONNECTIONS,
      onPublish: (to, message) => rules.rules.publish(to, message),
    });
    opening.defer(() => broker.close());
    const tokens = await AccessTokens.open(path.join(directory, 'secrets'), { tenant: TENANT, world });
    const https = new HttpsServer({
      credentials,
      mostConnections: MOST_CONNECTIONS,
      world,
      onFault,
      onNoRoom: (address, rule) => log.warn('there was no room', { address, rule }),
    });
    const httpPort = await https.listen('127.0.0.1', 0);
    opening.defer(() => https.close(HTTP_GRACE_MS));
    triggers.start();
    const mqttPort = await broker.door.listen('127.0.0.1', 0);
    https.open({ api, tokens, bucket: async () => false });
    const { pem: authorityPem } = authority;
    return new AwsHome(
      {
        deployment,
        directory,
        callers,
        gate,
        functions,
        leave,
        devicePolicy,
        usage,
        deliveries,
        broker,
        lines,
        mqttPort,
        httpPort,
        authorityPem,
        tokens,
        ...endpoints,
      },
      store,
      opening.move(),
    );
  }

  /** A token of the API for that role of the tenant; ends the one before. */
  token(role: Role): Promise<string> {
    return this.tokens.issue({ tenant: TENANT, sub: role, role });
  }

  /** Puts an event on the bus, as an operator may. */
  async publish(event: Omit<BusEvent, 'id'>): Promise<void> {
    await this.#store.bus.publish([{ id: randomUUID(), ...event }]);
  }

  /** The function of that name in its service (`firmware-storage/getRelease`). Throws when no template makes it. */
  functionOf(name: string): LambdaFunction {
    const found = this.functions.all.find(({ definition: { service, key } }) => `${service}/${key}` === name);
    if (found === undefined) throw new Error(`there is no ${name}`);
    return found;
  }

  /** ARN of the role of that function. */
  roleOf(name: string): string {
    return this.functionOf(name).definition.roleArn;
  }

  async stop(): Promise<void> {
    await this.#opened.disposeAsync();
  }
}

/** All names of AWS that a certificate has to have: those of services, and those of buckets. */
function hostNames(deployment: Deployment): string[] {
  const services = [
    'dynamodb',
    'streams.dynamodb',
    'sqs',
    'events',
    'iot',
    'data-ats.iot',
    'monitoring',
    'ssm',
    'kms',
  ];
  const buckets = deployment.stacks
    .flatMap((stack) => stack.ofType('AWS::S3::Bucket'))
    .map(([, { BucketName }]) => `${String(BucketName)}.s3`);
  const domain = deployment.platform.exports().get(`evenkeel-${PLACE.stage}-download-domain`) ?? '';
  return [...[...services, ...buckets].map(hostOf), domain];
}

async function ageSecondsOf(fauxqsEndpoint: string, queue: string): Promise<number> {
  const { oldestSentAtMs } = await contentsOf(fauxqsEndpoint, queue);
  return oldestSentAtMs === undefined ? 0 : Math.floor((realWorld.now() - oldestSentAtMs) / 1000);
}

function parsed(line: string): LogLine {
  try {
    return JSON.parse(line);
  } catch {
    return { text: line };
  }
}
