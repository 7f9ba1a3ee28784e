import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { pause } from '#shared/world/world.ts';
import { explainDevice, showRollout } from '../../cli/actions/rollouts.ts';
import { watchRollout } from '../../cli/actions/watch-rollout.ts';
import { exposedOf } from '../../cli/print/rollout.ts';
import { ServedFleet } from './served-fleet.ts';

const DEVICES = 40;
const FIRST_WINDOW = 10;
const SILENT_AFTER_MS = 16_000;

/** What is seen of a rollout from outside, at every look. */
interface Look {
  readonly exposed: number;
  readonly good: number;
  readonly view: RolloutView;
}

describe('a host that is killed in the middle of a rollout', () => {
  let served: ServedFleet;
  let rollout: string;
  const looks: Look[] = [];

  /** Right before each kill, and right after the restart that followed. */
  const kills: { readonly before: Look; readonly after: Look }[] = [];
  let last: RolloutView;

  beforeAll(async () => {
    served = await ServedFleet.start(DEVICES);
    rollout = await served.rollOut('2.0.0', {
      stages: [{ name: 'all', percent: '100%' }],
      halt: { suspectAtLeast: '1s', silentAfter: `${SILENT_AFTER_MS}ms`, installWithin: '10s' },
      permitFor: '30s',
      settle: '60s',
    });
    await killAt(5, 0);
    // With the start that follows it is down for longer than any device may be silent.
    await killAt(25, SILENT_AFTER_MS);
    last = await watchRollout(served.client, rollout, note, { intervalMs: 200 });
  }, 600_000);

  afterAll(async () => {
    await served.stop();
  });

  /** Watches until so many devices are exposed, cuts the power for so long, and looks again. */
  async function killAt(exposed: number, downMs: number): Promise<void> {
    const stop = new AbortController();
    await watchRollout(
      served.client,
      rollout,
      (view) => {
        note(view);
        // Between two windows nobody may be on the way.
        if (exposedOf(view.counts) >= exposed && exposedOf(view.counts) > view.counts.good) stop.abort();
      },
      { intervalMs: 50, stop: stop.signal },
    );
    await served.kill();
    const before = looks.at(-1) as Look;
    await pause(realWorld, downMs);
    await served.restart();
    kills.push({ before, after: note(await showRollout(served.client, rollout)) });
  }

  function note(view: RolloutView): Look {
    const look = { exposed: exposedOf(view.counts), good: view.counts.good, view };
    looks.push(look);
    return look;
  }

  test('is killed while devices are on their way, goes on and loses nothing, also after being down for long', () => {
    expect(kills).toHaveLength(2);
    for (const { before, after } of kills) {
      expect(before.exposed).toBeGreaterThan(before.good);
      expect(after.view.state).toBe('running');
      expect(after.good).toBeGreaterThanOrEqual(before.good);
    }
  });

  test('completes the rollout with every device good, and counts nobody twice', () => {
    expect(last.state).toBe('completed');
    expect(last.counts).toMatchObject({ good: DEVICES, failed: 0, reverted: 0, silent: 0, lost: 0 });
    expect(served.fleet.devices.filter(({ version }) => version === '2.0.0')).toHaveLength(DEVICES);
  });

  test('at no look was a window or ceiling passed, or did a counter fall', () => {
    expect(looks.length).toBeGreaterThan(10);
    const goods = looks.map(({ good }) => good);
    expect(goods).toEqual(goods.toSorted((a, b) => a - b));
    for (const { exposed, good, view } of looks) {
      expect(exposed).toBeLessThanOrEqual(view.stages[0]?.ceiling ?? 0);
      const { transient, excused } = view.counts;
      // A window may widen and, by slow proofs, shrink again between two looks, and what was permitted in it stays. But it is never wider
      // than the proofs so far allow, whichever of them are still young, and those never fall.
      expect(exposed - good - transient - excused).toBeLessThanOrEqual(Math.max(FIRST_WINDOW, good));
    }
  });

  test('the rows say the same as the counters: one good attempt for each device', async () => {
    for (const { deviceId } of served.fleet.devices) {
      const { attempts } = await explainDevice(served.client, deviceId);
      expect(attempts).toMatchObject([{ rollout, state: 'good', recovered: false }]);
    }
  });
});
