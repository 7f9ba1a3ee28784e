import { ConfigurationError } from '#shared/errors/errors.ts';
import { SESSIONS_TABLE } from '../broker/lifecycle-events.ts';
import { type BrokerParts, MqttBroker } from '../broker/mqtt-broker.ts';
import { RefusalLog } from '../broker/refusal-log.ts';
import { connectionLimits, openFileLimit } from '../connection-limits.ts';
import { HttpsServer } from '../http/https-server.ts';
import { TableThingRegistry, THINGS_TABLE } from '../identity/thing-registry.ts';
import { compilePolicy, type DevicePolicy } from '../iot/policy/device-policy.ts';
import type { HostLog } from '../runtime/host-log.ts';
import type { ServiceDefinition } from '../serverless/service-definition.ts';
import type { EmbeddedStore } from '../store/embedded-store.ts';
import { listenFault } from './listen-fault.ts';
import type { HomeSecrets } from './open-secrets.ts';
import type { ServeOptions } from './serve-options.ts';

/** How long requests that run have when the host stops. */
export const HTTP_GRACE_MS = 10_000;

/** Where people and devices come in. */
interface HomeDoors {
  /** It has its port, and answers 503 until it is opened. */
  readonly https: HttpsServer;
  readonly httpPort: number;
  /** It does not listen yet. */
  readonly broker: MqttBroker;
  readonly registry: TableThingRegistry;
  /** How many devices may be connected at once. */
  readonly mostDevices: number;
}

/** What is behind the doors. */
interface DoorParts extends Pick<BrokerParts, 'onPublish' | 'onFault'> {
  readonly store: EmbeddedStore;
  readonly secrets: HomeSecrets;
  readonly log: HostLog;
}

/**
 * Makes the HTTPS server, which takes its port, and the broker, which does not; `opened` closes them. Throws `ConfigurationError` by name
 * for a port that cannot be had, and for services without the one policy of all devices.
 */
export async function openDoors(
  options: Pick<ServeOptions, 'services' | 'address' | 'httpPort' | 'openFiles' | 'world'>,
  { store, secrets, log, onPublish, onFault }: DoorParts,
  opened: AsyncDisposableStack,
): Promise<HomeDoors> {
  const { services, address, httpPort: wantedPort, world } = options;
  const registry = new TableThingRegistry(store.table(THINGS_TABLE), world);
  const limits = connectionLimits(options.openFiles ?? openFileLimit());
  const noRoom = new RefusalLog(log, world, 'there was no room for an HTTPS connection');
  const https = new HttpsServer({
    credentials: secrets.credentials,
    mostConnections: limits.https,
    world,
    onFault,
    onNoRoom: (address, rule) => noRoom.say(address, rule),
  });
  opened.defer(() => https.close(HTTP_GRACE_MS));
  const httpPort = await https.listen(address, wantedPort).catch((error: unknown) => {
    throw listenFault(error, { option: '--http-port', port: wantedPort, address });
  });
  const broker = await MqttBroker.open({
    credentials: secrets.credentials,
    authorityPem: secrets.authority.pem,
    registry,
    mostConnections: limits.devices,
    policy: devicePolicyOf(services.platform),
    onPublish,
    sessions: store.table(SESSIONS_TABLE),
    committed: () => store.committed(),
    world,
    log,
    onFault,
  });
  opened.defer(() => broker.close());
  return { https, httpPort, broker, registry, mostDevices: limits.devices };
}

/** The one policy that devices have. Throws `ConfigurationError` when there is none, or more than one. */
function devicePolicyOf({ devicePolicies, place }: ServiceDefinition): DevicePolicy {
  const [policy, ...others] = devicePolicies;
  if (policy === undefined || others.length > 0) {
    throw new ConfigurationError('the platform must have one AWS::IoT::Policy: the policy of all devices');
  }
  return compilePolicy(policy.document, place);
}
