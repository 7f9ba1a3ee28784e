import path from 'node:path';
import { bricking, healthy } from '#device/fleet/behaviours.ts';
import { Fleet } from '#device/fleet/fleet.ts';
import { readHostDirectory } from '#device/fleet/host-directory.ts';
import { HostProcess } from '#host/host-process.ts';
import { CreateProduct } from '#shared/contracts/api/firmware.ts';
import { faultOf } from '#shared/errors/fault-of.ts';
import type { World } from '#shared/world/world.ts';
import { localTarget, openClient } from '../cli/actions/log-in.ts';
import { rolloutCost } from '../cli/actions/rollouts.ts';
import { addSigningKey, newSigningKey, type SigningKey } from '../cli/actions/signing-keys.ts';
import type { ApiClient } from '../cli/api-client.ts';
import { costText } from '../cli/print/cost.ts';
import { rollOutBad } from './bad-release.ts';
import { BAD, type Cast, FACTORY, HARDWARE, PRODUCT } from './cast.ts';
import { makeFirmware, makeNextFirmware } from './firmware.ts';
import { rollOutGood } from './good-release.ts';
import { Promises } from './promises.ts';
import type { Stage } from './stage.ts';

/** Device times for a story of a minute: a check every two seconds instead of once a day. */
const TIMING = {
  checkIntervalMs: 2_000,
  backoffUnitMs: 500,
  permitAnswerMs: 20_000,
  rebootAckMs: 5_000,
  selfTestMs: 600_000,
  retryAfterSecondMs: 500,
  leastRetryMs: 200,
};

/** How the demo is played. */
export interface DemoOptions {
  readonly directory: string;
  readonly devices: number;
  /** A firmware file; without it one of 20 MB is made. */
  readonly firmware: string | undefined;
  readonly stage: Stage;
  readonly world: World;
}

/** Plays the whole story; whether every promise was kept. */
export async function runDemo(options: DemoOptions): Promise<boolean> {
  const { directory, devices: count, stage, world } = options;
  stage.step('Evenkeel starts on free ports with a fresh data directory');
  const host = await HostProcess.start(path.join(directory, 'host'));
  const { name, mqttPort, httpPort } = host.serving;
  stage.say(`        MQTT with TLS on ${name}:${mqttPort}, API on https://${name}:${httpPort}`);
  let fleet: Fleet | undefined;
  try {
    const client = await openClient(localTarget(host.directory), world);
    const key = await makeProduct(client);
    stage.step(`${count} devices are registered and connect, each with its own certificate`);
    fleet = await startFleet(options, host, key);
    stage.say(
      `        ${fleet.devices.filter(({ state }) => state === 'running').length} devices run ${FACTORY}`,
    );
    const promises = new Promises();
    const files = await prepareFirmware(options);
    const cast = { client, key, fleet, promises, stage, world };
    const rollout = await rollOutGood(cast, files.good);
    await rollOutBad(cast, files.bad);
    await tellCost(cast, rollout);
    stage.step('Summary');
    stage.say(promises.text());
    stage.say(
      `\n${promises.areKept ? 'Every promise was kept' : 'A promise was BROKEN'}, in ${stage.elapsedSeconds.toFixed(0)} s.`,
    );
    return promises.areKept;
  } finally {
    await fleet?.stop();
    await host.stop();
  }
}

/** What the good rollout would have cost on AWS, scaled to a million devices; devices of the demo check every two seconds. */
async function tellCost({ client, stage }: Cast, rollout: string): Promise<void> {
  stage.step('What the good rollout would cost on AWS');
  stage.say(costText(await rolloutCost(client, rollout), { terms: false }));
}

async function makeProduct(client: ApiClient): Promise<SigningKey> {
  const key = newSigningKey();
  await client.call(CreateProduct, { body: { product: PRODUCT, hardware: [HARDWARE] } });
  await addSigningKey(client, { product: PRODUCT, name: 'main', publicKeyPem: key.publicKeyPem });
  return key;
}

async function startFleet(
  { directory, devices, stage, world }: DemoOptions,
  host: HostProcess,
  key: SigningKey,
): Promise<Fleet> {
  const fleet = new Fleet({
    backend: await readHostDirectory(host.directory),
    directory: path.join(directory, 'fleet'),
    count: devices,
    prefix: 'cam-',
    product: PRODUCT,
    hardware: HARDWARE,
    factoryVersion: FACTORY,
    trustedKeysPem: [key.publicKeyPem],
    timing: TIMING,
    bootMs: 500,
    behaviourOf: (index, version) => (version === BAD && index % 2 === 1 ? bricking : healthy),
    world,
    onFault: (deviceId, error) => stage.say(`        ${deviceId}: ${faultOf(error).message}`),
  });
  await fleet.start();
  return fleet;
}

async function prepareFirmware({ directory, firmware }: DemoOptions): Promise<{ good: string; bad: string }> {
  const good = firmware ?? path.join(directory, 'firmware.bin');
  if (firmware === undefined) await makeFirmware(good);
  const bad = path.join(directory, 'firmware-next.bin');
  await makeNextFirmware(good, bad);
  return { good, bad };
}
