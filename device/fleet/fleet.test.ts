import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { call, publishRelease, type ServedRelease, until } from '#device/testing/served-release.ts';
import { type ServedHost, startServedHost } from '#host/testing/served-host.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { behaviourNamed } from './behaviours.ts';
import { type DeviceEvent, Fleet, type FleetOptions } from './fleet.ts';

const NAMES = [
  ...['healthy', 'fail:flash-write', 'brick', 'revert', 'lie', 'drop-off', 'noisy', 'factory-reset'],
  ...['unconfirmed', 'die-installing', 'sleep', 'slow'],
];

describe('a fleet on a served host', () => {
  let host: ServedHost;
  let release: ServedRelease;
  let fleet: Fleet;
  let events: DeviceEvent[];

  beforeEach(async () => {
    host = await startServedHost();
    release = await publishRelease(host, randomBytes(2_000_000));
    events = [];
  });
  afterEach(async () => {
    await fleet.stop();
    await host.stop();
  });

  const makeFleet = (changes: Partial<FleetOptions>): Fleet =>
    new Fleet({
      backend: release.backend,
      directory: path.join(host.directory, 'fleet'),
      count: 1,
      prefix: 'cam-',
      product: release.product,
      hardware: release.hardware,
      factoryVersion: '1.0.0',
      trustedKeysPem: [release.publicKeyPem],
      timing: {
        checkIntervalMs: 500,
        backoffUnitMs: 300,
        permitAnswerMs: 5_000,
        rebootAckMs: 3_000,
        selfTestMs: 600_000,
        retryAfterSecondMs: 5,
        leastRetryMs: 200,
      },
      bootMs: 50,
      world: realWorld,
      onDeviceEvent: (event) => events.push(event),
      onFault: (deviceId, error) => {
        throw new Error(`${deviceId} failed at something`, { cause: error });
      },
      ...changes,
    });

  async function launch(): Promise<string> {
    const document = {
      release: `${release.product}/${release.version}`,
      selector: 'all',
      stages: [{ name: 'all', percent: '100%' }],
      halt: {
        failureRate: '50%',
        lostRate: '50%',
        silentAfter: '6s',
        suspectAtLeast: '1s',
        installWithin: '1s',
      },
      pace: { firstWindow: 100, perMinute: 100_000 },
      permitFor: '6s',
    };
    const { rollout } = await call(host, 'POST', '/rollouts', { document });
    await call(host, 'POST', `/rollouts/${rollout}/launch`);
    return rollout;
  }

  const everyoneChecked = (count: number) => () =>
    new Set(events.filter(({ event }) => event.news === 'checked').map(({ deviceId }) => deviceId)).size ===
    count;

  test('every behaviour ends as the backend is meant to see it', async () => {
    fleet = makeFleet({
      count: NAMES.length,
      behaviourOf: (index, version) =>
        behaviourNamed(version === undefined ? 'healthy' : (NAMES[index] ?? 'healthy')),
    });
    await fleet.start();
    await until(everyoneChecked(NAMES.length), 'all have checked');
    const rollout = await launch();
    const counts = async () => (await call(host, 'GET', `/rollouts/${rollout}`)).counts;
    await until(async () => {
      const { good, failed, reverted, silent, lost } = await counts();
      return good + failed + reverted + silent + lost === NAMES.length;
    }, 'every attempt has ended');
    // Silent: the brick and the trial that is never confirmed; lost: the one that died while it installed.
    expect(await counts()).toMatchObject({ good: 6, failed: 1, reverted: 2, silent: 2, lost: 1 });
    const running = Object.fromEntries(
      fleet.devices.map(({ behaviour, digest, state }) => [behaviour, [digest === release.sha256, state]]),
    );
    expect(running).toEqual({
      healthy: [true, 'running'],
      'fail:flash-write': [false, 'running'],
      brick: [false, 'bricked'],
      revert: [false, 'running'],
      lie: [false, 'running'],
      'drop-off': [true, 'running'],
      noisy: [true, 'running'],
      'factory-reset': [true, 'running'],
      unconfirmed: [true, 'running'],
      'die-installing': [false, 'bricked'],
      sleep: [true, 'running'],
      slow: [true, 'running'],
    });
  }, 300_000);

  test('goes on with the same devices after it was stopped, and keys are for their owner only', async () => {
    fleet = makeFleet({ count: 3 });
    await fleet.start();
    await until(everyoneChecked(3), 'all have checked');
    const identity = path.join(host.directory, 'fleet/devices/cam-0001/identity.json');
    expect((await stat(identity)).mode & 0o777).toBe(0o600);
    const before = await readFile(identity, 'utf8');
    await fleet.stop();
    events = [];
    fleet = makeFleet({ count: 3 });
    await fleet.start();
    await until(everyoneChecked(3), 'all have checked again');
    expect(await readFile(identity, 'utf8')).toBe(before);
    expect((await call(host, 'GET', '/devices')).devices).toHaveLength(3);
  });

  test('a clone is one identity that boots twice and goes on being heard, while the broker lets in one at a time', async () => {
    fleet = makeFleet({ behaviourOf: () => behaviourNamed('clone') });
    await fleet.start();
    await until(() => events.filter(({ event }) => event.news === 'checked').length > 6, 'both have checked');
    expect(events.filter(({ event }) => event.news === 'booted').map(({ deviceId }) => deviceId)).toEqual([
      'cam-0001',
      'cam-0001',
    ]);
    expect((await call(host, 'GET', '/devices')).devices).toHaveLength(1);
  });
});
