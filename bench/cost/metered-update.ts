import { createHash } from 'node:crypto';
import { startTestHost, type TestHost } from '#host/testing/test-host.ts';
import { DeviceChanged } from '#shared/contracts/events/device-changed.ts';
import { ReleasePublished } from '#shared/contracts/events/release-events.ts';
import type { HottestKey } from '#shared/metering/key-heat.ts';
import type { UpdateWay } from '#shared/metering/steps.ts';
import type { RolloutUsage } from '#shared/metering/usage-reader.ts';
import { Ulids } from '#shared/world/ulids.ts';
import { CAST } from './metered-cast.ts';
import { MeteredDevice, type Permitted } from './metered-device.ts';

/** A fleet whose update is metered. */
export interface MeteredFleet {
  readonly devices: number;
  readonly way: UpdateWay;
  /** Devices that take each step within the same second: what makes up a batch. */
  readonly wave: number;
  /** Idle checks of every device. */
  readonly idleChecks: number;
  readonly progress?: (text: string) => void;
}

/** What came of it. */
export interface MeteredUpdate {
  readonly usage: RolloutUsage;
  /** Devices that proved the new version. */
  readonly good: number;
  readonly hottest: readonly HottestKey[];
  /** Virtual time from the launch to the end. */
  readonly tookMs: number;
}

const WAVE_MS = 1_000;
const REBOOT_MS = 60_000;
/** After so long nothing is decided any more: idle checks are those of a fleet at rest. */
const AT_REST_MS = 80 * 60_000;
/** So many waves are rebooting at a time: none for so long that it would be suspect. */
const REBOOTING_WAVES = 10;
/** A million devices that check once a day do so every 86 ms. */
const IDLE_EVERY_MS = 86;
const SERVICES = ['rollout-orchestrator', 'telemetry-ingest'];
const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const DIGESTS = Object.fromEntries(CAST.versions.map((version) => [version, digestOf(version)]));

/**
 * One update of a fleet through the real functions over the embedded store, in virtual time: a rollout in which every device checks,
 * asks and begins, reports once and proves, or checks and proves, a wave in each second; then idle checks. Each device went through a
 * rollout before, as it will have in the field: what is left of that one is put away with the next permit.
 */
export async function meterUpdate({
  devices: count,
  way,
  wave,
  idleChecks,
  progress = () => undefined,
}: MeteredFleet): Promise<MeteredUpdate> {
  const host = await startTestHost({ services: SERVICES });
  try {
    const ids = new Ulids(host.world);
    const devices = Array.from(
      { length: count },
      (_, index) => new MeteredDevice(host, `cam-${String(index).padStart(7, '0')}`, DIGESTS),
    );
    progress(`registering ${count} devices`);
    for (const device of devices) await register(host, device.deviceId, ids);
    const waves = Array.from({ length: Math.ceil(count / wave) }, (_, at) =>
      devices.slice(at * wave, (at + 1) * wave),
    );
    // The first check tells news; nothing of it is the update's.
    for (const some of waves) await oneByOne(host, some, (device) => device.check());
    const [, earlier, version] = CAST.versions;
    await updateAll(host, ids, waves, { version: earlier, sequence: 2, way }, () => undefined);
    const launchedMs = host.world.now();
    const rollout = await updateAll(host, ids, waves, { version, sequence: 3, way }, progress);
    const tookMs = host.world.now() - launchedMs;
    const { body: view } = await host.http('GET', `/rollouts/${rollout}`);
    await host.advance(AT_REST_MS);
    progress('idle checks');
    for (let round = 0; round < idleChecks; round += 1) {
      await oneByOne(host, devices, async (device) => {
        await device.check();
        await host.world.advance(IDLE_EVERY_MS);
      });
    }
    const usage = await host.host.usage.ofRollout(rollout);
    if (usage === undefined) throw new Error(`rollout ${rollout} was not metered`);
    return { usage, good: view.counts.good, hottest: host.host.heat.hottest(), tookMs };
  } finally {
    await host.stop();
  }
}

interface MeteredRelease {
  readonly version: string;
  readonly sequence: number;
  readonly way: UpdateWay;
}

/** Publishes a release and takes all devices to it; answers its rollout. */
async function updateAll(
  host: TestHost,
  ids: Ulids,
  waves: readonly (readonly MeteredDevice[])[],
  release: MeteredRelease,
  progress: (text: string) => void,
): Promise<string> {
  await publish(host, ids, release);
  const rollout = await launch(host, release);
  const prove = async (wave: readonly MeteredDevice[] = []): Promise<void> =>
    together(host, wave, (device) => device.prove());
  for (const [at, some] of waves.entries()) {
    progress(`updating: wave ${at + 1} of ${waves.length}`);
    await installWave(host, some, rollout, release);
    await prove(waves[at - REBOOTING_WAVES]);
    await host.advance(WAVE_MS);
  }
  await host.advance(REBOOT_MS);
  for (const some of waves.slice(-REBOOTING_WAVES)) await prove(some);
  return rollout;
}

/** Takes a wave up to its reboot. */
async function installWave(
  host: TestHost,
  wave: readonly MeteredDevice[],
  rollout: string,
  { version, way }: MeteredRelease,
): Promise<void> {
  await oneByOne(host, wave, (device) => (way === 'direct' ? device.checkToBegin() : device.check()));
  if (way === 'asked') await together(host, wave, (device) => device.askPermit(rollout, version));
  const answers = new Map(host.link.sent.map(({ topic, json }) => [topic, json as Permitted]));
  host.link.sent.length = 0;
  const granted = wave.filter((device) => device.takePermit(answers));
  if (granted.length < wave.length) {
    throw new Error(
      `${wave.length - granted.length} devices of a wave got no permit: the window is too small`,
    );
  }
  if (way === 'asked') await together(host, granted, (device) => device.reportRebooting());
  for (const device of granted) device.reboot();
}

/**
 * One after the other within the same second, so that few instances serve them all, as on Lambda: a check takes milliseconds.
 * Resolves once everything that follows has been done.
 */
async function oneByOne(
  host: TestHost,
  devices: readonly MeteredDevice[],
  act: (device: MeteredDevice) => Promise<void>,
): Promise<void> {
  for (const device of devices) await act(device);
  await host.settle();
}

/** All do it within the same second; resolves once everything that follows has been done. */
async function together(
  host: TestHost,
  devices: readonly MeteredDevice[],
  act: (device: MeteredDevice) => Promise<void>,
): Promise<void> {
  await Promise.all(devices.map(act));
  await host.settle();
}

async function publish(host: TestHost, ids: Ulids, { version, sequence }: MeteredRelease): Promise<void> {
  const { source, type } = ReleasePublished;
  const sha256 = DIGESTS[version] ?? '';
  const artifact = { hardware: CAST.hardware, sha256, sizeBytes: 10_000_000 };
  const manifest = JSON.stringify({
    v: 1,
    product: CAST.product,
    version,
    sequence,
    artifacts: [artifact],
  });
  await host.invoke('onReleasePublished', {
    source,
    'detail-type': type,
    detail: {
      id: ids.next(),
      v: 1,
      tenant: CAST.tenant,
      atMs: host.world.now(),
      product: CAST.product,
      version,
      sequence,
      manifest: Buffer.from(manifest).toString('base64'),
      signature: { keyId: digestOf('key'), value: Buffer.alloc(64, 7).toString('base64') },
      artifacts: [{ ...artifact, key: `artifacts/${sha256}` }],
    },
  });
}

async function register(host: TestHost, deviceId: string, ids: Ulids): Promise<void> {
  const { source, type } = DeviceChanged;
  await host.invoke('onDeviceChanged', {
    source,
    'detail-type': type,
    detail: {
      id: ids.next(),
      v: 1,
      tenant: CAST.tenant,
      atMs: host.world.now(),
      deviceId,
      entityVersion: 1,
      product: CAST.product,
      hardware: CAST.hardware,
      tags: ['eu'],
      attributes: { customer: 'north', batch: 17 },
      decommissioned: false,
    },
  });
}

/** A rollout to everybody at once, whose window holds a wave. */
async function launch(host: TestHost, { version, way }: MeteredRelease): Promise<string> {
  const created = await host.http('POST', '/rollouts', {
    document: {
      release: `${CAST.product}/${version}`,
      selector: `hardware = "${CAST.hardware}"`,
      stages: [{ name: 'all', percent: 100 }],
      permits: way,
      pace: { firstWindow: 10_000, growth: 1, perMinute: 1_000_000 },
    },
  });
  const { rollout } = created.body;
  await host.http('POST', `/rollouts/${rollout}/launch`);
  // Members are counted, and what checks have in hand grows old.
  await host.advance(10_000);
  return rollout;
}
