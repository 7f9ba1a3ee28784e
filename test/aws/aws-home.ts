import { randomUUID } from 'node:crypto';
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
import { awsServices, hostNames } from './account/aws-services.ts';
import { createResources } from './account/create-resources.ts';
import { Deliveries } from './account/deliveries.ts';
import { InvokeLeave } from './account/invoke-leave.ts';
import { IotRegistry } from './account/iot-registry.ts';
import { Callers } from './gate/caller.ts';
import { Gate, type Passed } from './gate/gate.ts';
import { buildRuntime } from './lambda/build-runtime.ts';
import { deployFunctions } from './lambda/deploy-functions.ts';
import type { LambdaFunction } from './lambda/lambda-function.ts';
import { leadAwsTo } from './lambda/network.ts';
import { UsedDevicePolicy } from './rights/used-device-policy.ts';
import type { Deployment } from './stacks/deployment.ts';
import { readDeployment } from './stacks/deployment.ts';
import { PLACE } from './stacks/place.ts';
import { readPermissions } from './stacks/read-triggers.ts';
import { AccountRules } from './triggers/account-rules.ts';
import { AccountTriggers } from './triggers/account-triggers.ts';
import type { DeployedFunctions } from './triggers/deployed-functions.ts';
import { type LogLine, UsageAudit } from './usage/usage-audit.ts';

/** What is opened, and how fast its schedules go. */
export interface AwsHomeOptions {
  /** Where all stacks were packaged to, for the stage of `PLACE`. */
  readonly packaged: string;
  /** How long a minute of a schedule lasts, in seconds. */
  readonly minuteSeconds: number;
}

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
    const oracles = { dynamoDbEndpoint: dynoxide.endpoint, fauxqsEndpoint: fauxqs.endpoint };
    const streams = await createResources(deployment.stacks, oracles);

    const store = new EmbeddedStore({ directory, world, onFatal: onFault });
    opening.defer(() => store.close());
    const authorityDirectory = path.join(directory, 'authority');
    const authority = await openAuthority(authorityDirectory, world);
    const names = hostNames(deployment);
    const credentials = await serverCredentials({ directory: authorityDirectory, authority, names, world });
    const things = new TableThingRegistry(store.table(THINGS_TABLE), world);
    const callers = new Callers(deployment.roles, world);
    const requestIds = new RequestIds(world);
    const nextId = () => requestIds.next();
    const [policy] = deployment.platform.ofType('AWS::IoT::Policy').map(([, properties]) => properties);
    const devicePolicy = new UsedDevicePolicy(policy?.PolicyDocument, PLACE);
    const registry = new IotRegistry({ authority, things, policy: String(policy?.PolicyName) });
    const usage = new UsageAudit();
    const deliveries = new Deliveries();
    const services = awsServices({
      deployment,
      oracles,
      streams,
      bus: store.bus,
      registry,
      brokerOf: () => broker,
      onObjectCreated: (object) => triggers.objectCreated(object),
      nextId,
      world,
    });
    const onPassed = (passed: Passed) => usage.passed(passed);
    const gate = new Gate({ ...services, credentials, callers, onPassed, world });
    const network = { port: await gate.listen(), authorityPem: authority.pem };
    opening.defer(() => gate.close());
    opening.defer(leadAwsTo(network));

    const runtimeFile = await buildRuntime(directory);
    const functions = deployFunctions({
      deployment,
      callers,
      network,
      runtimeFile,
      nextRequestId: nextId,
      hear,
      usage,
      deliveries,
    });
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
        ...oracles,
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

function parsed(line: string): LogLine {
  try {
    return JSON.parse(line);
  } catch {
    return { text: line };
  }
}
