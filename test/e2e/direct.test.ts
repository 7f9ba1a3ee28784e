import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as behaviours from '#device/fleet/behaviours.ts';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { explainDevice, showRollout } from '../../cli/actions/rollouts.ts';
import { watchRollout } from '../../cli/actions/watch-rollout.ts';
import { JUDGES_EACH_DEVICE, ServedFleet } from './served-fleet.ts';

/** How each kind of device must end that begins at once; the last two ask in two steps, in the same rollout. */
const ENDS = [
  [behaviours.healthy, 'good'],
  [behaviours.slow, 'good'],
  [behaviours.failing('flash-write'), 'failed'],
  [behaviours.bricking, 'silent'],
  [behaviours.dyingWhileInstalling, 'silent'],
  [behaviours.reverting, 'reverted'],
  [behaviours.droppingOff, 'good'],
  [behaviours.healthy, 'good'],
  [behaviours.dyingWhileInstalling, 'lost'],
] as const;
const DIRECT_DEVICES = 7;

describe('devices that begin at once, in a rollout that grants permits directly', () => {
  let served: ServedFleet;
  let rollout: string;
  let last: RolloutView;
  /** What each device went through. */
  const news = new Map<string, string[]>();

  beforeAll(async () => {
    served = await ServedFleet.start(
      ENDS.length,
      (index) => ENDS[index]?.[0] ?? behaviours.healthy,
      (index) => (index < DIRECT_DEVICES ? 10 : undefined),
    );
    served.fleet.onDeviceEvent = ({ deviceId, event }) => {
      news.set(deviceId, [...(news.get(deviceId) ?? []), event.news]);
    };
    rollout = await served.rollOut('2.0.0', { ...JUDGES_EACH_DEVICE, permits: 'direct' });
    last = await watchRollout(served.client, rollout, () => undefined, { intervalMs: 250 });
  }, 300_000);

  afterAll(async () => {
    await served.stop();
  });

  test.each(
    ENDS.map(([{ name }, end], index) => ({
      name,
      end,
      way: index < DIRECT_DEVICES ? 'at once' : 'in two steps',
      deviceId: `cam-${String(index + 1).padStart(4, '0')}`,
    })),
  )('one that is $name and asks $way ends $end', async ({ end, deviceId }) => {
    const { attempts } = await explainDevice(served.client, deviceId);
    expect(attempts).toMatchObject([{ rollout, state: end }]);
  });

  test('a good one is granted before it downloads, asks for nothing more and reports nothing', () => {
    const own = news.get('cam-0001') ?? [];
    const update = own.slice(own.indexOf('granted'), own.indexOf('confirmed') + 1);
    expect(update).toEqual(expect.arrayContaining(['granted', 'downloaded', 'began', 'booted', 'confirmed']));
    expect(update.indexOf('granted')).toBeLessThan(update.indexOf('downloaded'));
    expect(own).not.toContain('permit-asked');
    expect(own).not.toContain('reported');
    expect(news.get('cam-0008')).toEqual(expect.arrayContaining(['permit-asked', 'reported']));
  });

  test('the counters say what the rows say', async () => {
    expect(last.state).toBe('completed');
    const { counts } = await showRollout(served.client, rollout);
    expect(counts).toMatchObject({ good: 4, failed: 1, silent: 2, lost: 1, reverted: 1, installing: 0 });
  });
});
