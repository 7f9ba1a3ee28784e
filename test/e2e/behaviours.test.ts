import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as behaviours from '#device/fleet/behaviours.ts';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { rolloutFailures } from '../../cli/actions/rollout-failures.ts';
import { explainDevice, showRollout } from '../../cli/actions/rollouts.ts';
import { watchRollout } from '../../cli/actions/watch-rollout.ts';
import { JUDGES_EACH_DEVICE, ServedFleet } from './served-fleet.ts';

/** How each kind of device must end, whatever it says of itself. */
const ENDS = [
  [behaviours.healthy, 'good'],
  [behaviours.slow, 'good'],
  [behaviours.failing('flash-write'), 'failed'],
  [behaviours.bricking, 'silent'],
  [behaviours.dyingWhileInstalling, 'lost'],
  [behaviours.reverting, 'reverted'],
  [behaviours.unconfirmed, 'silent'],
  [behaviours.lying, 'reverted'],
  [behaviours.droppingOff, 'good'],
  [behaviours.noisyLink, 'good'],
  [behaviours.sleeping, 'good'],
  [behaviours.forgetting, 'good'],
] as const;

describe('devices of every kind in one rollout', () => {
  let served: ServedFleet;
  let rollout: string;
  let last: RolloutView;

  beforeAll(async () => {
    served = await ServedFleet.start(ENDS.length, (index) => ENDS[index]?.[0] ?? behaviours.healthy);
    rollout = await served.rollOut('2.0.0', JUDGES_EACH_DEVICE);
    last = await watchRollout(served.client, rollout, () => undefined, { intervalMs: 250 });
  }, 300_000);

  afterAll(async () => {
    await served.stop();
  });

  test.each(
    ENDS.map(([{ name }, end], index) => ({
      name,
      end,
      deviceId: `cam-${String(index + 1).padStart(4, '0')}`,
    })),
  )('one that is $name ends $end', async ({ end, deviceId }) => {
    const { attempts } = await explainDevice(served.client, deviceId);
    expect(attempts).toMatchObject([{ rollout, state: end }]);
  });

  test('the counters say what the rows say', async () => {
    expect(last.state).toBe('completed');
    const { counts } = await showRollout(served.client, rollout);
    expect(counts).toMatchObject({ good: 6, failed: 1, silent: 2, lost: 1, reverted: 2, granted: 0 });
  });

  test('failures are counted by reason, hardware and version', async () => {
    const failures = await rolloutFailures(served.client, last);
    expect(failures).toContainEqual({
      reason: 'flash-write',
      hardware: 'cam-rev-b',
      version: '2.0.0',
      count: 1,
    });
  });
});
