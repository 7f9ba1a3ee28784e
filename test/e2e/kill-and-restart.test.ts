import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Fleet } from '#device/fleet/fleet.ts';
import { HostProcess } from '#host/host-process.ts';
import { CreateProduct } from '#shared/contracts/api/firmware.ts';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { pause } from '#shared/world/world.ts';
import { localTarget, openClient } from '../../cli/actions/log-in.ts';
import { pushRelease } from '../../cli/actions/push-release.ts';
import { publishRelease } from '../../cli/actions/releases.ts';
import { createRollout, explainDevice, launchRollout, showRollout } from '../../cli/actions/rollouts.ts';
import { addSigningKey, newSigningKey } from '../../cli/actions/signing-keys.ts';
import { watchRollout } from '../../cli/actions/watch-rollout.ts';
import type { ApiClient } from '../../cli/api-client.ts';
import { exposedOf } from '../../cli/print/rollout.ts';

const DEVICES = 40;
const FIRST_WINDOW = 10;
const SILENT_AFTER_MS = 8_000;
const TIMING = {
  checkIntervalMs: 1_000,
  backoffUnitMs: 300,
  permitAnswerMs: 10_000,
  rebootAckMs: 2_000,
  retryAfterSecondMs: 1_000,
};

/** What is seen of a rollout from outside, at every look. */
interface Look {
  readonly exposed: number;
  readonly good: number;
  readonly view: RolloutView;
}

describe('a host that is killed in the middle of a rollout', () => {
  let directory: string;
  let host: HostProcess;
  let fleet: Fleet;
  let client: ApiClient;
  let rollout: string;
  const looks: Look[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'evenkeel-kill-'));
    host = await HostProcess.start(path.join(directory, 'host'));
    client = await openClient(localTarget(host.directory), realWorld);
    const key = newSigningKey();
    await client.call(CreateProduct, { body: { product: 'cam', hardware: ['cam-rev-b'] } });
    await addSigningKey(client, { product: 'cam', name: 'main', publicKeyPem: key.publicKeyPem });
    const { serving } = host;
    fleet = new Fleet({
      backend: {
        name: serving.name,
        mqttPort: serving.mqttPort,
        httpPort: serving.httpPort,
        authorityPem: await readFile(path.resolve(host.directory, serving.authority), 'utf8'),
        token: (await readFile(path.resolve(host.directory, serving.adminToken), 'utf8')).trim(),
      },
      directory: path.join(directory, 'fleet'),
      count: DEVICES,
      prefix: 'cam-',
      product: 'cam',
      hardware: 'cam-rev-b',
      factoryVersion: '1.0.0',
      trustedKeysPem: [key.publicKeyPem],
      timing: TIMING,
      bootMs: 200,
      world: realWorld,
      onFault: (deviceId, error) => {
        throw new Error(`${deviceId} failed`, { cause: error });
      },
    });
    await fleet.start();
    const file = path.join(directory, 'firmware.bin');
    await writeFile(file, randomBytes(200_000));
    const push = {
      product: 'cam',
      version: '2.0.0',
      sequence: 'auto',
      privateKeyPem: key.privateKeyPem,
    } as const;
    await pushRelease(client, { ...push, artifacts: [{ hardware: 'cam-rev-b', file }] });
    await publishRelease(client, { product: 'cam', version: '2.0.0' });
    const draft = await createRollout(client, {
      release: 'cam/2.0.0',
      selector: 'all',
      stages: [{ name: 'all', percent: '100%' }],
      halt: { suspectAtLeast: '1s', silentAfter: `${SILENT_AFTER_MS}ms`, installWithin: '10s' },
      permitFor: '30s',
      settle: '60s',
    });
    rollout = draft.rollout;
    await launchRollout(client, rollout);
  }, 60_000);

  afterAll(async () => {
    await fleet.stop();
    await host.stop();
    await rm(directory, { recursive: true, force: true });
  });

  /** Watches until so many devices are exposed, then cuts the power; answers what was last seen. */
  async function killAt(exposed: number): Promise<Look> {
    const stop = new AbortController();
    await watchRollout(
      client,
      rollout,
      (view) => {
        note(view);
        if (exposedOf(view.counts) >= exposed) stop.abort();
      },
      { intervalMs: 50, stop: stop.signal },
    );
    await host.kill();
    return looks.at(-1) as Look;
  }

  function note(view: RolloutView): void {
    looks.push({ exposed: exposedOf(view.counts), good: view.counts.good, view });
  }

  test('goes on, loses nothing and counts nobody twice, also after being down longer than silentAfter', async () => {
    const first = await killAt(5);
    host = await host.restart();
    note(await showRollout(client, rollout));
    expect(looks.at(-1)?.good).toBeGreaterThanOrEqual(first.good);

    const second = await killAt(25);
    await pause(realWorld, SILENT_AFTER_MS + 2_000);
    host = await host.restart();
    note(await showRollout(client, rollout));
    expect(looks.at(-1)?.view.state).toBe('running');
    expect(looks.at(-1)?.good).toBeGreaterThanOrEqual(second.good);

    const last = await watchRollout(client, rollout, note, { intervalMs: 200 });
    expect(last.state).toBe('completed');
    expect(last.counts).toMatchObject({ good: DEVICES, failed: 0, reverted: 0, silent: 0, lost: 0 });
    expect(fleet.devices.filter(({ version }) => version === '2.0.0')).toHaveLength(DEVICES);
  }, 120_000);

  test('no window, ceiling or counter was ever passed, as seen from outside', () => {
    const goods = looks.map(({ good }) => good);
    expect(goods).toEqual(goods.toSorted((a, b) => a - b));
    for (const { exposed, view } of looks) {
      expect(exposed).toBeLessThanOrEqual(view.stages[0]?.ceiling ?? 0);
      expect(view.window.used).toBeLessThanOrEqual(Math.max(view.window.size, FIRST_WINDOW));
    }
  });

  test('the rows say the same as the counters: one good attempt for each device', async () => {
    for (const { deviceId } of fleet.devices) {
      const { attempts } = await explainDevice(client, deviceId);
      expect(attempts).toMatchObject([{ rollout, state: 'good', recovered: false }]);
    }
  });
});
