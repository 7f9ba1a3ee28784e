import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { bricking, healthy } from '#device/fleet/behaviours.ts';
import { Fleet } from '#device/fleet/fleet.ts';
import { HostProcess } from '#host/host-process.ts';
import { CreateProduct } from '#shared/contracts/api/firmware.ts';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import type { World } from '#shared/world/world.ts';
import { pause } from '#shared/world/world.ts';
import { localTarget, openClient } from '../cli/actions/log-in.ts';
import { pushRelease } from '../cli/actions/push-release.ts';
import { publishRelease } from '../cli/actions/releases.ts';
import { createRollout, launchRollout, showRollout } from '../cli/actions/rollouts.ts';
import { addSigningKey, newSigningKey, type SigningKey } from '../cli/actions/signing-keys.ts';
import { watchRollout } from '../cli/actions/watch-rollout.ts';
import type { ApiClient } from '../cli/api-client.ts';
import { exposedOf, rolloutText, summaryLine } from '../cli/print/rollout.ts';
import { bytes } from '../cli/print/units.ts';
import { makeFirmware, makeNextFirmware } from './firmware.ts';
import { Promises } from './promises.ts';
import { hastyDocument, stagedDocument } from './rollout-documents.ts';
import type { Stage } from './stage.ts';

const PRODUCT = 'cam';
const HARDWARE = 'cam-rev-b';
const FACTORY = '1.0.0';
const GOOD = '2.0.0';
const BAD = '3.0.0';
/** W0, the default of every rollout document. */
const FIRST_WINDOW = 10;
const LOOK_EVERY_MS = 500;
const RESOLVED_WITHIN_MS = 90_000;

/** Device times for a story of a minute: a check every two seconds instead of once a day. */
const TIMING = {
  checkIntervalMs: 2_000,
  backoffUnitMs: 500,
  permitAnswerMs: 20_000,
  rebootAckMs: 5_000,
  retryAfterSecondMs: 500,
  leastRetryMs: 200,
};

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
    await rollOutGood(options, client, key, fleet, files.good, promises);
    await rollOutBad(options, client, key, fleet, files.bad, promises);
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
  const { serving } = host;
  const fleet = new Fleet({
    backend: {
      name: serving.name,
      mqttPort: serving.mqttPort,
      httpPort: serving.httpPort,
      authorityPem: await readFile(path.resolve(host.directory, serving.authority), 'utf8'),
      token: (await readFile(path.resolve(host.directory, serving.adminToken), 'utf8')).trim(),
    },
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
    onFault: (deviceId, error) =>
      stage.say(`        ${deviceId}: ${error instanceof Error ? error.message : String(error)}`),
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

/** Signs, uploads and publishes a firmware, and launches its rollout. */
async function launch(
  { stage }: DemoOptions,
  client: ApiClient,
  key: SigningKey,
  release: { readonly file: string; readonly version: string; readonly document: Record<string, unknown> },
): Promise<string> {
  const { file, version, document } = release;
  const { size } = await stat(file);
  stage.step(`release ${PRODUCT}/${version} (${bytes(size)}) is signed, uploaded and verified`);
  await pushRelease(
    client,
    {
      product: PRODUCT,
      version,
      sequence: 'auto',
      artifacts: [{ hardware: HARDWARE, file }],
      privateKeyPem: key.privateKeyPem,
    },
    ({ step, bytes: done, totalBytes }) =>
      stage.show(`        ${step} ${bytes(done)} of ${bytes(totalBytes)}`, step),
  );
  await publishRelease(client, { product: PRODUCT, version });
  const { rollout, haltsAt } = await createRollout(client, document);
  await launchRollout(client, rollout);
  stage.say(`        published; rollout ${rollout} is launched and halts at ${haltsAt} bad devices`);
  return rollout;
}

async function rollOutGood(
  options: DemoOptions,
  client: ApiClient,
  key: SigningKey,
  fleet: Fleet,
  file: string,
  promises: Promises,
): Promise<void> {
  const { stage, devices } = options;
  const document = stagedDocument(`${PRODUCT}/${GOOD}`);
  const rollout = await launch(options, client, key, { file, version: GOOD, document });
  let overCeiling = 0;
  const view = await watchRollout(
    client,
    rollout,
    (seen) => {
      if (isOverCeiling(seen)) overCeiling += 1;
      stage.show(rolloutText(seen), summaryLine(seen));
    },
    { intervalMs: LOOK_EVERY_MS },
  );
  const digest = await digestOf(file);
  const proven = fleet.devices.filter(
    (device) => device.version === GOOD && device.digest === digest && device.confirmed,
  );
  const { counts } = view;
  promises.look('the good rollout completes', view.state === 'completed', `state ${view.state}`);
  promises.look(
    'every device proves the new firmware',
    counts.good === devices,
    `${counts.good} good of ${devices}`,
  );
  promises.look(
    'every device truly runs its bytes',
    proven.length === devices,
    `${proven.length} slots with sha256 ${digest.slice(0, 12)}`,
  );
  promises.look(
    'no stage goes over its ceiling',
    overCeiling === 0,
    view.stages.map(({ name, ceiling }) => `${name} ${ceiling}`).join(', '),
  );
  promises.look(
    'no device is counted twice',
    sumOf(view) === exposedOf(counts) && sumOf(view) === devices,
    `${sumOf(view)} attempts, ${devices} devices`,
  );
}

async function rollOutBad(
  options: DemoOptions,
  client: ApiClient,
  key: SigningKey,
  fleet: Fleet,
  file: string,
  promises: Promises,
): Promise<void> {
  const { stage, devices } = options;
  const document = hastyDocument(`${PRODUCT}/${BAD}`);
  const rollout = await launch(options, client, key, { file, version: BAD, document });
  stage.say('        half of the devices will brick on it without a word; nobody watches');
  const halted = await watchRollout(
    client,
    rollout,
    (seen) => stage.show(rolloutText(seen), summaryLine(seen)),
    {
      intervalMs: LOOK_EVERY_MS,
    },
  );
  stage.say(`        ${halted.state}: ${halted.reason ?? ''}`);
  const view = await untilResolved(options, client, rollout);
  const bricked = fleet.devices.filter(({ state }) => state === 'bricked').length;
  const { counts } = view;
  const scored = counts.silent + counts.lost;
  promises.look('the bad rollout halts by itself', view.state === 'halted', view.reason ?? view.state);
  promises.look(
    'it costs at most the first window',
    bricked > 0 && bricked <= FIRST_WINDOW,
    `${bricked} of ${devices} devices bricked, first window ${FIRST_WINDOW}`,
  );
  promises.look(
    'every bricked device is counted',
    scored === bricked,
    `${counts.silent} silent, ${counts.lost} lost`,
  );
  promises.look(
    'all other devices still run',
    fleet.devices.filter(({ state }) => state !== 'bricked').length === devices - bricked,
    `${devices - bricked} running, ${counts.good} of them on ${BAD}`,
  );
}

/** Waits until every attempt has ended: installs that had begun finish, and silence is scored. */
async function untilResolved(
  { stage, world }: DemoOptions,
  client: ApiClient,
  rollout: string,
): Promise<RolloutView> {
  const untilMs = world.monotonicMs() + RESOLVED_WITHIN_MS;
  for (;;) {
    const view = await showRollout(client, rollout);
    const { granted, installing, rebooting } = view.counts;
    if (granted + installing + rebooting === 0 || world.monotonicMs() > untilMs) return view;
    stage.show(rolloutText(view), summaryLine(view));
    await pause(world, LOOK_EVERY_MS);
  }
}

function isOverCeiling(view: RolloutView): boolean {
  const open = view.stages.find(({ state }) => state === 'open');
  return open?.ceiling !== undefined && exposedOf(view.counts) - view.counts.transient > open.ceiling;
}

function sumOf({ counts }: RolloutView): number {
  const { granted, installing, rebooting, good, failed, reverted, silent, lost } = counts;
  return granted + installing + rebooting + good + failed + reverted + silent + lost;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}
