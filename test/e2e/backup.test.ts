import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { controlRollout, explainDevice, resumeRollout, showRollout } from '../../cli/actions/rollouts.ts';
import { watchRollout } from '../../cli/actions/watch-rollout.ts';
import { exposedOf } from '../../cli/print/rollout.ts';
import { JUDGES_EACH_DEVICE, ServedFleet } from './served-fleet.ts';

const DEVICES = 20;
const PROGRAM = path.resolve(import.meta.dirname, '../../host/backup.ts');

let served: ServedFleet;
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'evenkeel-e2e-backup-'));
  served = await ServedFleet.start(DEVICES);
});
afterAll(async () => {
  await served.stop();
  await rm(scratch, { recursive: true, force: true });
});

async function watchUntil(rollout: string, holds: (view: RolloutView) => boolean): Promise<void> {
  const stop = new AbortController();
  const look = (view: RolloutView) => {
    if (holds(view)) stop.abort();
  };
  await watchRollout(served.client, rollout, look, { intervalMs: 50, stop: stop.signal });
}

test('a backup taken while devices update holds what was acknowledged before it; restored, it grants nothing until it is told to', async () => {
  const rollout = await served.rollOut('2.0.0', {
    ...JUDGES_EACH_DEVICE,
    // However long the program takes, so many devices are left for the copy.
    stages: [
      { name: 'half', percent: '50%', gate: { bake: '1h' } },
      { name: 'all', percent: '100%' },
    ],
    pace: { firstWindow: 4 },
  });
  await watchUntil(rollout, ({ counts }) => counts.good >= 2);
  const before = await showRollout(served.client, rollout);
  const to = path.join(scratch, 'copy');
  await promisify(execFile)(process.execPath, [PROGRAM, '--data', served.data, '--to', to]);
  await served.kill();

  await served.restartOn(to);
  const restored = await showRollout(served.client, rollout);
  expect(restored).toMatchObject({
    state: 'paused',
    reason: expect.stringMatching(/^restored from a backup of /),
  });
  expect(restored.counts.good).toBeGreaterThanOrEqual(before.counts.good);
  expect(exposedOf(restored.counts)).toBeGreaterThanOrEqual(exposedOf(before.counts));
  expect(exposedOf(restored.counts)).toBeLessThan(DEVICES);

  // The rest get their firmware from the copy.
  await resumeRollout(served.client, rollout, 'nothing is missing');
  await controlRollout(served.client, rollout, 'advance', 'the copy has shown itself');
  await watchUntil(rollout, () => served.fleet.devices.every(({ version }) => version === '2.0.0'));
  const { attempts } = await explainDevice(served.client, served.fleet.devices[0]?.deviceId ?? '');
  expect(attempts.length).toBeLessThanOrEqual(1);
}, 300_000);
